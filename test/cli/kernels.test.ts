// `ignite kernel import` against a daemon that is none: which operation each source becomes.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KernelDocument } from '@ignite/client';
import { fakeVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

const KERNEL: KernelDocument = {
  kind: 'Kernel',
  apiVersion: 'ignite.vm/v1beta1',
  metadata: { name: 'k:1', uid: '4444444444444444', created: '2026-11-20T10:00:00Z' },
  spec: { oci: 'k:1' },
  status: {
    version: '6.1.0',
    ociSource: { id: 'sha256:aa', size: '5MB' },
    digest: 'sha256:aa',
    architecture: 'amd64',
    modules: true,
  },
};

test('packages, images and the running kernel are asked for by name', async () => {
  await using daemon = await startFakeDaemon();
  daemon.kernels.push(KERNEL);
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['apt:linux-image-cloud-amd64'], 'apt:linux-image-cloud-amd64'],
    [['weaveworks/ignite-kernel:5.10'], 'weaveworks/ignite-kernel:5.10'],
    [['--host'], 'host:'],
  ];
  for (const [words, source] of rows) {
    const { code, stdout } = await ignite(['kernel', 'import', ...words], { daemon });
    assert.deepEqual([code, stdout], [0, `${KERNEL.metadata.uid}\n`]);
    assert.equal(daemon.requests.at(-1)?.json?.['source'], source);
  }
  const both = await ignite(['kernel', 'import', '--host', 'apt:x'], { daemon });
  assert.equal(both.code, 1);
  assert.match(both.stderr, /leave "apt:x" out, or --host/);
  assert.match((await ignite(['kernel', 'import'], { daemon })).stderr, /is needed, or --host/);
});

test('a package that was imported without a name is named by --kernel as its file is; one that is not here is a file', async () => {
  await using daemon = await startFakeDaemon();
  const words = ['create', '--kernel', 'linux.deb', 'web:1'];
  const refused = await ignite(words, { daemon });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /linux\.deb is a file: import it with `ignite kernel import linux\.deb`/);
  daemon.kernels.push({ ...KERNEL, metadata: { ...KERNEL.metadata, name: 'linux.deb' } });
  assert.equal((await ignite(words, { daemon })).code, 0);
  const sent = daemon.requests.find(({ method, path }) => method === 'POST' && path === '/v1/vms');
  assert.deepEqual(sent?.json?.['spec'], { image: { oci: 'web:1' }, kernel: { oci: 'linux.deb' } });
});

test('a file is sent as it is, a folder as a tar', async () => {
  await using daemon = await startFakeDaemon();
  daemon.kernels.push(KERNEL);
  const folder = await mkdtemp(join(tmpdir(), 'ignite-kernel-'));
  try {
    await mkdir(join(folder, 'tree/boot'), { recursive: true });
    await writeFile(join(folder, 'tree/boot/vmlinux'), 'kernel');
    const file = await ignite(['kernel', 'import', join(folder, 'tree/boot/vmlinux')], { daemon });
    assert.equal(file.code, 0, file.stderr);
    assert.equal(String(daemon.requests.at(-1)?.body), 'kernel');
    const tree = await ignite(['kernel', 'import', '--name', 'mine', join(folder, 'tree')], { daemon });
    assert.equal(tree.code, 0, tree.stderr);
    const sent = daemon.requests.at(-1);
    assert.equal(sent?.query.get('name'), 'mine');
    assert.equal(sent?.body.toString('latin1', 257, 262), 'ustar');
    assert.match(sent.body.toString('latin1'), /boot\/vmlinux\0/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('rmk -f asks on a terminal before it takes VMs along, and names each', async () => {
  for (const [words, typed, left] of [
    [['rmk', '-f', 'k:1'], 'n\n', ['one']],
    [['rmk', '-f', 'k:1'], 'y\n', []],
    [['rmk', '-f', '-y', 'k:1'], '', []],
  ] as const) {
    await using daemon = await startFakeDaemon();
    daemon.kernels.push({ ...KERNEL, metadata: { ...KERNEL.metadata, uid: '2222222222222222' } });
    daemon.vms.push(fakeVm('one'));
    const { stderr } = await ignite(words, { daemon, terminal: true, stdin: typed });
    assert.equal(/Remove k:1 and the VMs that use it \(one\)\?/.test(stderr), typed !== '', stderr);
    assert.equal(/Removed VM with name "one"/.test(stderr), left.length === 0);
    assert.deepEqual(
      daemon.vms.map((vm) => vm.metadata.name),
      left,
    );
    const removed = daemon.requests.some(({ method, path }) => method === 'DELETE' && /kernels/.test(path));
    assert.equal(removed, left.length === 0);
  }
});
