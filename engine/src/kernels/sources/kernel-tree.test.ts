import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { findKernelFile } from './kernel-tree.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ignite-tree-'));
  await mkdir(join(root, 'boot'));
});
afterEach(() => rm(root, { recursive: true }));

const noKernel = (error: unknown) => isIgniteError(error, 'kernels/no-vmlinux');

test('vmlinux goes before vmlinuz, and the newest of several is taken', async () => {
  await writeFile(join(root, 'boot/vmlinuz-6.1.0-9'), '');
  await writeFile(join(root, 'boot/vmlinuz-6.1.0-56'), '');
  assert.equal(await findKernelFile(root, 'k'), join(root, 'boot/vmlinuz-6.1.0-56'));
  await writeFile(join(root, 'boot/vmlinux-5.10.1'), '');
  assert.equal(await findKernelFile(root, 'k'), join(root, 'boot/vmlinux-5.10.1'));
  await writeFile(join(root, 'boot/vmlinux'), '');
  assert.equal(await findKernelFile(root, 'k'), join(root, 'boot/vmlinux'));
});

test('links are followed inside the root, absolute or not', async () => {
  await writeFile(join(root, 'boot/vmlinux-5.10'), '');
  await symlink('/boot/link', join(root, 'boot/vmlinux'));
  await symlink('vmlinux-5.10', join(root, 'boot/link'));
  assert.equal(await findKernelFile(root, 'k'), join(root, 'boot/vmlinux-5.10'));
});

test('a link can neither leave the root nor go round for ever', async () => {
  await symlink('../../../../../../etc/passwd', join(root, 'boot/vmlinux'));
  await assert.rejects(findKernelFile(root, 'k'), noKernel);
  await rm(join(root, 'boot/vmlinux'));
  await symlink('vmlinux', join(root, 'boot/vmlinux'));
  await assert.rejects(findKernelFile(root, 'k'), noKernel);
});

test('an image without a kernel is told so', async () => {
  await assert.rejects(findKernelFile(root, 'nginx:1'), /nginx:1 has no \/boot\/vmlinux/);
});
