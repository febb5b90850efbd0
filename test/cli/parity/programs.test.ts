// Programs that drive the original's command line, as they call it (section 1.8 of the inventory).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { runningVm, startFakeDaemon } from '../fake-daemon.ts';
import { ignite } from '../run-in-process.ts';
import { scratch } from '../scratch.ts';

const SEMVER = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+][0-9A-Za-z.+-]*)?$/;

test('EXT-01: Footloose makes, looks at, starts, stops and removes a machine', async () => {
  await using daemon = await startFakeDaemon();
  await using folder = await scratch();
  daemon.mode = 'system';
  await writeFile(join(folder.path, 'key.pub'), 'ssh-ed25519 AAAA me\n');
  await writeFile(join(folder.path, 'hosts'), '127.0.0.1 a\n');
  const version = (await ignite(['version', '-o', 'short'])).stdout.split('\n')[0] ?? '';
  const [, major, minor, patch] = SEMVER.exec(version) ?? assert.fail(version);
  assert.ok(Number(major) * 1e6 + Number(minor) * 1e3 + Number(patch) >= 5_002);

  const made = await ignite(
    [
      'run',
      'quay.io/footloose/centos7:0.6.3',
      '--name=cluster-node0',
      '--cpus=2',
      '--memory=1GB',
      '--size=5GB',
      '--kernel-image=weaveworks/ignite-kernel:4.19.47',
      `--ssh=${folder.path}/key.pub`,
      `--copy-files=${folder.path}/hosts:/etc/hosts`,
      '--ports=2222:22',
      '--ports=6443:6443',
    ],
    { daemon },
  );
  assert.equal(made.code, 0, made.stderr);
  const sent = daemon.requests.find(({ method, path }) => method === 'POST' && path === '/v1/vms')?.json;
  assert.deepEqual(sent?.['spec'], {
    image: { oci: 'quay.io/footloose/centos7:0.6.3' },
    cpus: 2,
    memory: '1GB',
    diskSize: '5GB',
    kernel: { oci: 'weaveworks/ignite-kernel:4.19.47' },
    network: {
      ports: [
        { hostPort: 2222, vmPort: 22, protocol: 'tcp' },
        { hostPort: 6443, vmPort: 6443, protocol: 'tcp' },
      ],
    },
    ssh: 'ssh-ed25519 AAAA me',
    copyFiles: [{ hostPath: `${folder.path}/hosts`, vmPath: '/etc/hosts' }],
  });

  // Footloose parses stdout and stderr as one.
  const { stdout, stderr } = await ignite(['inspect', 'vm', 'cluster-node0'], { daemon });
  const shown = JSON.parse(stdout + stderr);
  assert.deepEqual(
    [shown.metadata.name, shown.spec.cpus, shown.spec.memory, shown.spec.diskSize, shown.status.running],
    ['cluster-node0', 2, '1GB', '5GB', true],
  );
  assert.match(shown.metadata.uid, /^[0-9a-z]{16}$/);
  assert.ok(!Number.isNaN(Date.parse(shown.metadata.created)));
  assert.deepEqual(shown.spec.network.ports[0], { hostPort: 2222, vmPort: 22, protocol: 'tcp' });
  for (const words of [
    ['stop', 'cluster-node0'],
    ['start', 'cluster-node0'],
    ['rm', '-f', 'cluster-node0'],
  ])
    assert.equal((await ignite(words, { daemon })).code, 0, words.join(' '));
});

test('EXT-01: a machine’s addresses where v1alpha2 had them', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('n', { status: { network: { plugin: 'bridge', ipAddresses: ['10.62.0.2'] } } }));
  const { stdout } = await ignite(['inspect', 'vm', 'n', '--api-version', 'v1alpha2'], { daemon });
  assert.deepEqual(JSON.parse(stdout).status.ipAddresses, ['10.62.0.2']);
});

test('EXT-02, CLI-S04: KubeFire starts by name; the runtime that it names is kept', async () => {
  await using daemon = await startFakeDaemon();
  const argv = ['create', 'img:1', '--name=k-1', '--label=cluster=k', '--ssh', '--cpus=2', '--memory=2GB'];
  assert.equal((await ignite(argv, { daemon })).code, 0);
  const words = ['start', 'k-1', '--runtime', 'containerd', '--network-plugin', 'bridge'];
  assert.equal((await ignite(words, { daemon })).code, 0);
  const sent = daemon.requests.find(({ path }) => path.endsWith('/update'));
  assert.deepEqual(sent?.json, { runtime: 'containerd' });
  for (const list of [
    ['image', 'ls', '-q'],
    ['kernel', 'ls', '-q'],
  ])
    assert.deepEqual(await ignite(list, { daemon }), { code: 0, stdout: '', stderr: '' });
  assert.equal((await ignite(['rm', 'k-1', '--force'], { daemon })).code, 0);
});

test('EXT-04: what the recipes of the documentation pick out of inspect', async () => {
  await using daemon = await startFakeDaemon();
  const vm = runningVm('x', { status: { network: { plugin: 'bridge', ipAddresses: ['10.62.0.2'] } } });
  daemon.vms.push(vm);
  const shown = JSON.parse((await ignite(['inspect', 'vm', 'x'], { daemon })).stdout);
  assert.equal(shown.status.network.ipAddresses[0], '10.62.0.2');
  assert.equal(shown.metadata.uid, vm.metadata.uid);
});

test('CLI-G01, CLI-G07: ignite and ignited are two programs, which tell their version to anybody', async () => {
  const bin = resolve(import.meta.dirname, '../../../bin');
  for (const name of ['ignite', 'ignited']) {
    const { stdout } = await promisify(execFile)(join(bin, name), ['version', '-o', 'short']);
    assert.match(stdout.trim(), SEMVER);
  }
});
