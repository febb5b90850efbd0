import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';
import { createDisks } from './create-disks.ts';

const signal = new AbortController().signal;
const noCommands: Commands = { run: () => Promise.reject(new Error('no program is needed here')) };
let folder: string;
let base: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-disks-'));
  base = join(folder, 'base.ext4');
  await writeFile(base, Buffer.alloc(8192, 5), { mode: 0o444 });
});
afterEach(() => rm(folder, { recursive: true }));

test('a raw disk begins with the base, is grown and writable', async () => {
  const disks = createDisks({ commands: noCommands });
  const disk = await disks.create(
    { base, directory: folder, index: 0, bytes: 100_000, formats: ['raw'] },
    signal,
  );
  assert.equal(disk.path, join(folder, 'disk0.raw'));
  assert.equal(disk.bytes, 102_400, 'rounded up to a page');
  const content = await readFile(disk.path);
  assert.equal(content.length, 102_400);
  assert.ok(content.subarray(0, 8192).equals(Buffer.alloc(8192, 5)));
  assert.equal((await stat(disk.path)).mode & 0o777, 0o600);
});

test('a disk is never smaller than its base', async () => {
  const disks = createDisks({ commands: noCommands });
  const disk = await disks.create({ base, directory: folder, index: 1, bytes: 1, formats: ['raw'] }, signal);
  assert.equal(disk.bytes, 8192);
});

test('a qcow2 disk needs no program and leaves no temporary file', async () => {
  const disks = createDisks({ commands: noCommands });
  const disk = await disks.create(
    { base, directory: folder, index: 2, bytes: 1 << 30, formats: ['qcow2'] },
    signal,
  );
  assert.deepEqual(disk, {
    path: join(folder, 'disk2.qcow2'),
    format: 'qcow2',
    means: 'qcow2',
    bytes: 1 << 30,
  });
  assert.deepEqual((await readdir(folder)).toSorted(), ['base.ext4', 'disk2.qcow2']);
});

test('growing a raw disk enlarges the file; shrinking is refused', async () => {
  const disks = createDisks({ commands: noCommands });
  const disk = await disks.create(
    { base, directory: folder, index: 0, bytes: 8192, formats: ['raw'] },
    signal,
  );
  const grown = await disks.grow(disk, 1 << 20, signal);
  assert.equal((await stat(disk.path)).size, 1 << 20);
  await assert.rejects(disks.grow(grown, 8192, signal), (e) => isIgniteError(e, 'disks/shrink'));
});

test('a missing base and a missing folder are told apart, and nothing is left', async () => {
  const disks = createDisks({ commands: noCommands });
  const input = { base, directory: folder, index: 0, bytes: 8192, formats: ['raw'] as const };
  await assert.rejects(disks.create({ ...input, base: '/nowhere/base' }, signal), (e) =>
    isIgniteError(e, 'disks/base-missing'),
  );
  await assert.rejects(disks.create({ ...input, directory: join(folder, 'no') }, signal), (e) =>
    isIgniteError(e, 'disks/failed'),
  );
  await assert.rejects(disks.create(input, AbortSignal.abort()), (e) => isIgniteError(e, 'host/cancelled'));
  assert.deepEqual(await readdir(folder), ['base.ext4']);
});

test('removing a disk twice is no error', async () => {
  const disks = createDisks({ commands: noCommands });
  const disk = await disks.create({ base, directory: folder, index: 0, bytes: 1, formats: ['raw'] }, signal);
  await disks.remove(disk);
  await disks.remove(disk);
  assert.deepEqual(await readdir(folder), ['base.ext4']);
});
