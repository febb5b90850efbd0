// What Docker is asked for a supervisor's container, by a server that answers as Docker does.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { dockerRuntime } from './docker.ts';

const soon = () => AbortSignal.timeout(120_000);

/** A Docker that has every image and no container; what was sent to make one is kept. */
async function fakeDocker(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'docker-'));
  t.after(() => rm(folder, { recursive: true }));
  const [socket, program] = [join(folder, 'docker.sock'), join(folder, 'ignite-spawn')];
  await writeFile(program, 'a program');
  const made: unknown[] = [];
  const server = createServer((request, answer) => {
    const { method, url = '' } = request;
    void text(request).then((body) => {
      if (url.startsWith('/images/create'))
        return answer.writeHead(404).end('{"message": "pull access denied"}');
      if (url.includes('private')) return answer.writeHead(404).end('{}');
      if (url.startsWith('/images/')) return answer.writeHead(200).end('{}');
      if (url.startsWith('/containers/create')) {
        made.push(JSON.parse(body));
        return answer.writeHead(201).end('{}');
      }
      if (method === 'POST' && url.endsWith('/start')) return answer.writeHead(204).end();
      return answer.writeHead(404).end('{"message": "No such container"}');
    });
  }).listen(socket);
  await once(server, 'listening');
  t.after(() => server.close());
  return { runtime: dockerRuntime({ socket, program }), made };
}

test('the health check of a user’s image does not run beside the VMM', async (t) => {
  const { runtime, made } = await fakeDocker(t);
  const view = { mounts: [], devices: [], cgroups: [] };
  const spec = { name: 'ignite-u', labels: {}, network: 'none', view, env: {}, words: [] } as const;
  for (const image of [undefined, 'their/image:1'])
    await runtime.run({ ...spec, ...(image === undefined ? {} : { image }) }, soon());
  const checks = made.map((body) => Object(body).Healthcheck);
  assert.deepEqual(checks, [{ Test: ['NONE'] }, { Test: ['NONE'] }]);
});

test('a container that somebody has removed is one that has ended', async (t) => {
  const { runtime } = await fakeDocker(t);
  await runtime.ended('ignite-u', soon());
});

test('an image that Docker may not pull is told with the way to pull it', async (t) => {
  const { runtime, made } = await fakeDocker(t);
  const view = { mounts: [], devices: [], cgroups: [] };
  const spec = { name: 'ignite-u', labels: {}, network: 'none', view, env: {}, words: [] } as const;
  await assert.rejects(runtime.run({ ...spec, image: 'private/image:1' }, soon()), {
    code: 'supervisor/no-sandbox-image',
    message: /private\/image:1: .*pull access denied/,
  });
  assert.deepEqual(made, []);
});
