// Rules of the command line that are about every command of a kind.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fakeImage, fakeKernel, fakeVm, runningVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';
import { scratch } from './scratch.ts';

const SILENT: readonly (readonly string[])[] = [
  ['ps'],
  ['ps', '-a', '--format', '{{.Names}}'],
  ['vm', 'ls'],
  ['inspect', 'vm', 'web'],
  ['inspect', 'web'],
  ['images'],
  ['kernels'],
  ['version'],
  ['version', '-o', 'json'],
  ['logs', 'web'],
  ['exec', 'web', 'true'],
];

test('rule 13: what callers parse writes nothing of its own to stderr', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'), fakeVm('off'));
  daemon.images.push(fakeImage('u:1'));
  daemon.kernels.push(fakeKernel('k:1'));
  for (const argv of SILENT) {
    const { code, stderr } = await ignite(argv, { daemon });
    assert.deepEqual([code, stderr], [0, ''], argv.join(' '));
  }
});

test('rule 21: paths are the caller’s, relative ones too; what he may not read is an error of his', async () => {
  await using daemon = await startFakeDaemon();
  await using folder = await scratch();
  await mkdir(join(folder.path, 'sub'));
  await writeFile(join(folder.path, 'sub/env'), 'A=1\n');
  await writeFile(join(folder.path, 'sub/key.pub'), 'ssh-ed25519 AAAA me\n');
  const argv = ['create', '--env-file', 'sub/env', '--ssh=sub/key', '-v', './sub:/s', 'alpine'];
  assert.equal((await ignite(argv, { daemon, cwd: folder.path })).code, 0);
  const sent = daemon.requests.findLast(({ method, path }) => method === 'POST' && path === '/v1/vms')?.json;
  assert.deepEqual(sent?.['hostPaths'], [join(folder.path, 'sub')]);
  assert.deepEqual(sent?.['spec'], {
    image: { oci: 'alpine' },
    env: ['A=1'],
    ssh: 'ssh-ed25519 AAAA me',
    storage: {
      volumes: [{ name: 'volume0', hostFolder: { path: join(folder.path, 'sub') } }],
      volumeMounts: [{ name: 'volume0', mountPath: '/s' }],
    },
  });
  const missing = await ignite(['create', '--env-file', 'none', 'alpine'], { daemon, cwd: folder.path });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /none cannot be read/);
});
