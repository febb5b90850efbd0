import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDockerImage, pullDockerImage } from './docker.ts';
import { localSource } from './local-source.ts';

test('words that name images of other programs', () => {
  assert.deepEqual(localSource('docker://web'), { kind: 'docker', reference: 'web:latest' });
  assert.deepEqual(localSource('containerd://reg.example:5000/a/b:1'), {
    kind: 'containerd',
    reference: 'reg.example:5000/a/b:1',
  });
  assert.deepEqual(localSource('containerd://k8s.io@registry.k8s.io/pause:3.9'), {
    kind: 'containerd',
    reference: 'registry.k8s.io/pause:3.9',
    namespace: 'k8s.io',
  });
  for (const word of ['web', 'docker.io/web', 'docker:1', 'oci://x'])
    assert.equal(localSource(word), undefined);
  assert.throws(() => localSource('docker://ns@web'), /no namespaces/);
  assert.throws(() => localSource(`docker://web@sha256:${'a'.repeat(64)}`), /by its tag/);
  assert.throws(() => localSource('docker://Not A Name'), /capitals|invalid/);
});

test('Docker is asked for the image; what it says is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-docker-'));
  const socket = join(folder, 's');
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    if (request.url?.includes('missing')) response.writeHead(404).end('{"message":"No such image: missing"}');
    else response.end('archive');
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    const env = { DOCKER_HOST: `unix://${socket}` };
    const signal = AbortSignal.timeout(120_000);
    const stream = await openDockerImage(env, 'a/web:1', signal);
    assert.equal(String(await stream.toArray()), 'archive');
    assert.deepEqual(asked, ['/images/a%2Fweb%3A1/get']);
    await assert.rejects(openDockerImage(env, 'missing:1', signal), { code: 'cli/source-refused' });
    await assert.rejects(openDockerImage({ DOCKER_HOST: 'unix:///nonexistent' }, 'a', signal), {
      code: 'cli/source-unreachable',
    });
    await assert.rejects(openDockerImage({ DOCKER_HOST: 'tcp://h:1' }, 'a', signal), /sockets of this host/);
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test('REG-08: Docker pulls with the login of the caller, as its API wants it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-docker-'));
  const socket = join(folder, 's');
  const sent: unknown[] = [];
  const server = createServer((request, response) => {
    const header = String(request.headers['x-registry-auth'] ?? '');
    assert.match(header, /^[\w=-]*$/);
    sent.push(header === '' ? undefined : JSON.parse(Buffer.from(header, 'base64url').toString()));
    response.end('{"status":"Pull complete"}');
  });
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const env = { DOCKER_HOST: `unix://${socket}` };
  const signal = AbortSignal.timeout(120_000);
  const registry = 'reg.example';
  await pullDockerImage(env, 'reg.example/a:1', signal);
  await pullDockerImage(env, 'reg.example/a:1', signal, { registry, username: 'ü', password: '~?>p/+' });
  await pullDockerImage(env, 'reg.example/a:1', signal, { registry, identityToken: 't' });
  assert.deepEqual(sent, [
    undefined,
    { username: 'ü', password: '~?>p/+', serveraddress: registry },
    { identitytoken: 't', serveraddress: registry },
  ]);
});
