// Commands on images against a daemon that is none.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ImageDocument } from '@ignite/client';
import { fakeVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

const IMAGE_UID = '1111111111111111'; // the one that fake VMs are made from

function fakeImage(name: string, labels: Readonly<Record<string, string>> = {}): ImageDocument {
  return {
    kind: 'Image',
    apiVersion: 'ignite.vm/v1beta1',
    metadata: {
      name,
      uid: name === 'web:1' ? IMAGE_UID : '3333333333333333',
      created: '2026-11-20T10:00:00Z',
    },
    spec: { oci: name },
    status: {
      ociSource: { id: 'sha256:aa', size: '5MB' },
      digest: 'sha256:aa',
      configDigest: 'sha256:bb',
      architecture: 'amd64',
      config: {
        entrypoint: [],
        cmd: [],
        env: [],
        user: '',
        workdir: '',
        exposedPorts: [],
        labels: { ...labels },
      },
      hasSshd: false,
      diskSize: '64MB',
    },
  };
}

test('rmi -f removes the VMs that use the image, and names each', async () => {
  await using daemon = await startFakeDaemon();
  daemon.images.push(fakeImage('web:1'), fakeImage('other:1'));
  daemon.vms.push(fakeVm('one'), fakeVm('two', { bound: { imageUid: 'f'.repeat(16) } }));
  const { code, stderr, stdout } = await ignite(['rmi', '-f', 'web:1'], { daemon });
  assert.deepEqual([code, stdout], [0, `${IMAGE_UID}\n`]);
  assert.match(stderr, /Removed VM with name "one"[^]*Removed image web:1/);
  assert.deepEqual(
    daemon.vms.map((vm) => vm.metadata.name),
    ['two'],
  );
});

test('rmi -f asks on a terminal before it takes VMs along, unless -y says yes', async () => {
  for (const [words, typed, left] of [
    [['rmi', '-f', 'web:1'], 'n\n', ['one']],
    [['rmi', '-f', 'web:1'], 'y\n', []],
    [['rmi', '-f', '-y', 'web:1'], '', []],
  ] as const) {
    await using daemon = await startFakeDaemon();
    daemon.images.push(fakeImage('web:1'));
    daemon.vms.push(fakeVm('one'));
    const { stderr } = await ignite(words, { daemon, terminal: true, stdin: typed });
    const asks = /Remove web:1 and the VMs that use it \(one\)\?/.test(stderr);
    assert.equal(asks, typed !== '', stderr);
    assert.deepEqual(
      daemon.vms.map((vm) => vm.metadata.name),
      left,
    );
    const removed = daemon.requests.some(({ method, path }) => method === 'DELETE' && /images/.test(path));
    assert.equal(removed, left.length === 0);
  }
});

test('rmi without -f leaves VMs alone and lets the daemon refuse', async () => {
  await using daemon = await startFakeDaemon();
  daemon.images.push(fakeImage('web:1'));
  daemon.vms.push(fakeVm('one'));
  await ignite(['rmi', 'web:1'], { daemon });
  assert.equal(daemon.vms.length, 1);
  assert.equal(daemon.requests.at(-1)?.query.get('force'), 'false');
});

test('images are filtered by name and label', async () => {
  await using daemon = await startFakeDaemon();
  daemon.images.push(fakeImage('web:1', { team: 'a' }), fakeImage('other:1', { team: 'b' }));
  const names = async (...words: string[]) =>
    (await ignite(['images', '--format', '{{.Name}}', ...words], { daemon })).stdout.trim().split('\n');
  assert.deepEqual(await names('-f', 'label=team=b'), ['other:1']);
  assert.deepEqual(await names('-f', 'label=team', '-f', 'reference=w*'), ['web:1']);
  assert.match((await ignite(['images', '-f', 'x=y'], { daemon })).stderr, /reference=PATTERN, label=NAME/);
});

test('what local programs have is looked for here first', async () => {
  await using daemon = await startFakeDaemon();
  daemon.images.push(fakeImage('web:1'));
  const there = await ignite(['image', 'import', 'docker://web:1'], { daemon });
  assert.deepEqual([there.code, there.stdout], [0, `${IMAGE_UID}\n`]);
  const created = await ignite(['create', 'containerd://ns@web:1'], { daemon });
  assert.equal(created.code, 0);
  const body = daemon.requests.find((one) => one.path === '/v1/vms' && one.method === 'POST')?.json;
  assert.deepEqual(body?.['spec'], { image: { oci: 'web:1' } });
  const env = { DOCKER_HOST: 'unix:///nonexistent' };
  const absent = await ignite(['image', 'import', 'docker://absent:1'], { daemon, env });
  assert.equal(absent.code, 1);
  assert.match(absent.stderr, /Docker does not answer at \/nonexistent/);
  const never = await ignite(['create', '--pull', 'never', 'docker://absent:1'], { daemon, env });
  assert.match(never.stderr, /There is no image absent:1/);
});

test('login wants a terminal or --password-stdin', async () => {
  await using daemon = await startFakeDaemon();
  const { code, stderr } = await ignite(['login', 'reg.example'], { daemon });
  assert.equal(code, 1);
  assert.match(stderr, /--password-stdin/);
  assert.match((await ignite(['login', 'a b'], { daemon })).stderr, /no registry/);
});

test('CLI-O01: image import --runtime looks where the original did and lets that pull, then looks in the registry', async () => {
  await using daemon = await startFakeDaemon();
  daemon.images.push(fakeImage('web:1'));
  const folder = await mkdtemp(join(tmpdir(), 'ignite-runtime-'));
  const asked: (string | undefined)[] = [];
  let pulled = false;
  const docker = createServer(({ url, method }, response) => {
    asked.push(url);
    if (method === 'POST' && url?.includes('pulled')) {
      pulled = true;
      response.end('{"status":"Pulling"}\n{"status":"Pulled"}\n');
    } else if (method === 'POST' && url?.includes('denied'))
      response.end('{"status":"Pulling"}\n{"errorDetail":{},"error":"access denied"}\n');
    else if (url?.includes('lacking') || url?.includes('denied') || (url?.includes('pulled') && !pulled))
      response.writeHead(404).end('{"message":"No such image"}');
    else response.end('archive');
  });
  await new Promise<void>((resolve) => docker.listen(join(folder, 's'), resolve));
  try {
    const env = { DOCKER_HOST: `unix://${join(folder, 's')}` };
    const words = (name: string) => ['image', 'import', '--runtime', 'docker', name];
    assert.equal((await ignite(words('other:2'), { daemon, env })).code, 0);
    assert.equal(String(daemon.requests.at(-1)?.body), 'archive');
    assert.equal((await ignite(words('lacking:1'), { daemon, env })).code, 0);
    assert.equal(daemon.requests.at(-1)?.json?.['reference'], 'lacking:1');
    assert.equal((await ignite(words('pulled:1'), { daemon, env })).code, 0);
    assert.equal(String(daemon.requests.at(-1)?.body), 'archive');
    assert.equal((await ignite(words('denied:1'), { daemon, env })).code, 0);
    assert.equal(daemon.requests.at(-1)?.json?.['reference'], 'denied:1');
    assert.deepEqual(asked, [
      '/images/other%3A2/get',
      ...['/images/lacking%3A1/get', '/images/create?fromImage=lacking%3A1'],
      ...['/images/pulled%3A1/get', '/images/create?fromImage=pulled%3A1', '/images/pulled%3A1/get'],
      ...['/images/denied%3A1/get', '/images/create?fromImage=denied%3A1'],
    ]);
    const none = await ignite(words('other:3'), { daemon, env: { DOCKER_HOST: 'unix:///nonexistent' } });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /Docker does not answer/);
    const odd = await ignite(['image', 'import', '--runtime', 'rkt', 'a'], { daemon });
    assert.match(odd.stderr, /one of process, containerd, docker/);
  } finally {
    docker.closeAllConnections();
    docker.close();
    await rm(folder, { recursive: true, force: true });
  }
});
