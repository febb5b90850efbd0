// Commands on volumes, and -v of create, against a daemon that is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeVm, fakeVolume, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

const USED = { uid: 'c'.repeat(16), name: 'web', mountPath: '/srv', readOnly: true, running: true };

test('volumes are told by name: create, ls -q, resize, rm', async () => {
  await using daemon = await startFakeDaemon();
  const made = await ignite(['volume', 'create', 'data', '--size', '20GB', '-l', 'a=b'], { daemon });
  assert.deepEqual([made.code, made.stdout], [0, 'data\n']);
  assert.deepEqual(daemon.requests.at(-1)?.json, { name: 'data', size: '20GB', labels: { a: 'b' } });
  assert.equal((await ignite(['volumes', '-q'], { daemon })).stdout, 'data\n');
  const resized = await ignite(['volume', 'resize', 'data', '30GB'], { daemon });
  assert.deepEqual([resized.code, resized.stdout], [0, 'data\n']);
  assert.deepEqual(daemon.requests.at(-1)?.json, { size: '30GB' });
  assert.equal((await ignite(['volume', 'rm', 'data', 'data'], { daemon })).code, 1);
  assert.equal((await ignite(['volume', 'rm', '-f', 'data'], { daemon })).code, 0);
});

test('the list shows who uses a volume, in words and as JSON', async () => {
  await using daemon = await startFakeDaemon();
  daemon.volumes.push(fakeVolume('data', { usedBy: [USED] }), fakeVolume('free', { labels: { k: 'v' } }));
  const { stdout } = await ignite(['volume', 'ls'], { daemon });
  assert.match(
    stdout,
    /^NAME +SIZE +ALLOCATED +CREATED +USED BY\ndata +10\.0 GB .*web \(running, ro\)\nfree/,
  );
  const json = await ignite(['volume', 'ls', '--format', 'json', '-f', 'dangling=true'], { daemon });
  assert.equal(JSON.parse(json.stdout).Name, 'free');
  assert.equal((await ignite(['volume', 'ls', '-q', '-f', 'label=k=v'], { daemon })).stdout, 'free\n');
  assert.equal((await ignite(['volume', 'ls', '-f', 'x=y'], { daemon })).code, 1);
  const one = await ignite(['inspect', 'volume', 'data', '-f', '{{.status.path}}'], { daemon });
  assert.equal(one.stdout, '/v/data/disk.raw\n');
});

test('prune removes nothing unasked where nobody can be asked', async () => {
  await using daemon = await startFakeDaemon();
  daemon.volumes.push(fakeVolume('data'));
  const refused = await ignite(['volume', 'prune'], { daemon });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Volumes hold data/);
  assert.equal(daemon.volumes.length, 1);
  const pruned = await ignite(['volume', 'prune', '-f', '--filter', 'label=a'], { daemon });
  assert.deepEqual([pruned.code, pruned.stdout], [0, 'data\n']);
  assert.deepEqual(daemon.requests.at(-1)?.json, { labels: { a: '' } });
});

test('VOL-01, VOL-02, VOL-05: rule 8: what has no slash is a volume, what begins like a path is one, the rest is refused', async () => {
  await using daemon = await startFakeDaemon();
  const { code } = await ignite(
    ['create', '--name', 'a', '-v', 'data:/srv', '-v', 'logs:/var/log:ro', 'alpine'],
    { daemon },
  );
  assert.equal(code, 0);
  const spec = daemon.requests.at(-1)?.json?.['spec'] as { storage: unknown };
  assert.deepEqual(spec.storage, {
    volumes: [
      { name: 'volume0', volume: { name: 'data' } },
      { name: 'volume1', volume: { name: 'logs' } },
    ],
    volumeMounts: [
      { name: 'volume0', mountPath: '/srv' },
      { name: 'volume1', mountPath: '/var/log', readOnly: true },
    ],
  });
  const before = daemon.requests.length;
  for (const word of [
    'data',
    'data:srv',
    'a/b:/x',
    '-x:/y',
    'd:/x:rw:ro',
    'd:/x:no',
    '/nowhere:/x',
    '/etc/passwd:/x',
  ])
    assert.notEqual((await ignite(['create', '-v', word, 'alpine'], { daemon })).code, 0, word);
  assert.equal(daemon.requests.length, before, 'the daemon was asked for nothing');
});

test('--tmpfs reads Docker’s words and refuses those it does not know', async () => {
  await using daemon = await startFakeDaemon();
  const argv = ['create', '--tmpfs', '/a:rw,size=64m,mode=0700,exec', '--tmpfs', '/b', 'alpine'];
  assert.equal((await ignite(argv, { daemon })).code, 0);
  const spec = daemon.requests.at(-1)?.json?.['spec'] as { tmpfs: unknown };
  assert.deepEqual(spec.tmpfs, [{ path: '/a', size: '64MB', mode: '0700', exec: true }, { path: '/b' }]);
  for (const word of ['a', '/a:ro', '/a:size=x', '/a:mode=9', '/a:size'])
    assert.notEqual((await ignite(['create', '--tmpfs', word, 'alpine'], { daemon })).code, 0, word);
});

test('update sends what was given, a cap of zero as one to take away, and tells what waits', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(fakeVm('web'));
  const argv = ['update', 'web', '--memory', '4GB', '--disk', '40GB', '--disk-iops', '100', '--net-bw', '0'];
  const { code, stderr, stdout } = await ignite([...argv, '--cpu-limit', '1.5'], { daemon });
  assert.deepEqual([code, stdout], [0, `${daemon.vms[0]?.metadata.uid}\n`]);
  assert.match(stderr, /Updated "web": diskSize at once; memory at the next start/);
  assert.deepEqual(daemon.requests.at(-1)?.json, {
    memory: '4GB',
    diskSize: '40GB',
    resources: { diskIops: 100, cpuLimit: 1.5 },
    clear: ['networkBandwidth'],
  });
  const json = await ignite(['update', 'web', '--restart', 'always', '--format', 'json'], { daemon });
  assert.deepEqual(JSON.parse(json.stdout).atNextStart, ['spec.memory']);
  assert.deepEqual(daemon.requests.at(-1)?.json, { restartPolicy: { name: 'always' } });
  await ignite(['update', 'web', '--allow', '10.1.2.3:tcp/5432,10.7.0.0/16'], { daemon });
  const allow = [{ cidr: '10.1.2.3', protocol: 'tcp', port: 5432 }, { cidr: '10.7.0.0/16' }];
  assert.deepEqual(daemon.requests.at(-1)?.json, { policy: { allow } });
  await ignite(['update', 'web', '--policy', 'public', '--allow', 'none'], { daemon });
  assert.deepEqual(daemon.requests.at(-1)?.json, { policy: { preset: 'public', allow: [] } });
  for (const bad of [
    [],
    ['--allow', 'none', '--allow', '10.1.2.3'],
    ['--cpus', '0'],
    ['--cpu-limit', 'x'],
    ['--memory', '1Gb'],
  ])
    assert.equal((await ignite(['update', 'web', ...bad], { daemon })).code, 1, bad.join(' '));
});

test('caps of create are part of the spec', async () => {
  await using daemon = await startFakeDaemon();
  const caps = ['--disk-bw', '10MB', '--pids-limit', '500', '--cpu-limit', '0.5'];
  assert.equal((await ignite(['create', ...caps, 'alpine'], { daemon })).code, 0);
  const spec = daemon.requests.at(-1)?.json?.['spec'] as { resources: unknown };
  assert.deepEqual(spec.resources, { diskBandwidth: '10MB', pids: 500, cpuLimit: 0.5 });
  assert.notEqual((await ignite(['create', '--disk-iops', '0', 'alpine'], { daemon })).code, 0);
});
