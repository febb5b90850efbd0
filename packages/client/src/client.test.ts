import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api/errors';
import { type Client, createClient } from './index.ts';

interface Served extends AsyncDisposable {
  readonly client: Client;
}

async function serve(listener: RequestListener, timeoutMs = 5_000): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-client-'));
  const socketPath = join(folder, 's');
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    client: createClient({ socketPath, timeoutMs }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const error = (code: string, more: object = {}) => ({
  code,
  message: 'It went wrong',
  hint: 'Mend it.',
  blame: 'user',
  details: { name: 'x' },
  causes: ['first', 'second'],
  ...more,
});

const codeIs = (code: string) => (thrown: unknown) => thrown instanceof IgniteError && thrown.code === code;

test('an error answer becomes the IgniteError it was, with its causes', async () => {
  await using served = await serve((_request, response) => {
    response.writeHead(404).end(JSON.stringify({ error: error('api/not-found', { stage: 'boot' }) }));
  });
  await assert.rejects(served.client.inspectVm('x'), (thrown) => {
    assert.ok(thrown instanceof IgniteError && thrown.cause instanceof Error);
    assert.deepEqual(
      [thrown.code, thrown.message, thrown.stage, thrown.details],
      ['api/not-found', 'It went wrong', 'boot', { name: 'x' }],
    );
    assert.equal(thrown.cause.message, 'first');
    assert.ok(thrown.cause.cause instanceof Error && thrown.cause.cause.message === 'second');
    return true;
  });
});

test('a code of a newer daemon keeps its own hint', async () => {
  await using served = await serve((_request, response) => {
    response.writeHead(400).end(JSON.stringify({ error: error('future/thing') }));
  });
  await assert.rejects(served.client.ping(), (thrown) => {
    assert.ok(thrown instanceof IgniteError);
    assert.deepEqual(
      [thrown.code, thrown.details['code'], thrown.details['hint']],
      ['cli/foreign-error', 'future/thing', 'Mend it.'],
    );
    return true;
  });
});

test('API-G01: references are encoded, slashes too', async () => {
  let asked = '';
  await using served = await serve((request, response) => {
    asked = request.url ?? '';
    response.end('{}');
  });
  await served.client.removeImage('a/b:1@sha256:x', { force: true });
  assert.equal(asked, '/v1/images/a%2Fb%3A1%40sha256%3Ax?force=true');
});

test('a long operation reports progress and gives its last line; lines come in any pieces', async () => {
  await using served = await serve((_request, response) => {
    const text = [
      { type: 'progress', progress: { kind: 'note', text: 'grüß' } },
      { type: 'news', of: 'a newer daemon' },
      { type: 'result', value: { metadata: { uid: 'u' } } },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join('');
    for (const byte of Buffer.from(text)) response.write(Buffer.of(byte));
    response.end();
  });
  const seen: unknown[] = [];
  const image = await served.client.pullImage(
    { reference: 'x' },
    { report: (progress) => seen.push(progress) },
  );
  assert.equal(image.metadata.uid, 'u');
  assert.deepEqual(seen, [{ kind: 'note', text: 'grüß' }]);
});

test('a long operation that fails, ends early, or talks nonsense', async () => {
  const lines = [`${JSON.stringify({ type: 'error', error: error('api/not-found') })}\n`, '', 'nonsense\n'];
  await using served = await serve((_request, response) => response.end(lines.shift()));
  await assert.rejects(served.client.pullImage({ reference: 'x' }), codeIs('api/not-found'));
  await assert.rejects(served.client.pullImage({ reference: 'x' }), codeIs('cli/connection-lost'));
  await assert.rejects(served.client.pullImage({ reference: 'x' }), codeIs('cli/strange-answer'));
});

test('an aborted signal closes the connection of a long operation', async () => {
  const closed = Promise.withResolvers<void>();
  const aborter = new AbortController();
  await using served = await serve((_request, response) => {
    response.once('close', closed.resolve);
    response.write('{"type":"progress","progress":{"kind":"note","text":"a"}}\n');
  });
  const pulling = served.client.pullImage(
    { reference: 'x' },
    { signal: aborter.signal, report: () => aborter.abort() },
  );
  await assert.rejects(pulling, codeIs('cli/interrupted'));
  await closed.promise;
});

test('an answer of one document that is cut short, by the daemon’s end or by the caller', async () => {
  await using served = await serve((request, response) => {
    response.writeHead(request.url === '/v1/version' ? 404 : 200, { 'content-length': 100 });
    response.write('{"items":[');
    if (request.url !== '/v1/info') setImmediate(() => request.socket.destroy());
  });
  await assert.rejects(served.client.ping(), codeIs('cli/connection-lost'));
  await assert.rejects(served.client.version(), codeIs('cli/connection-lost'));
  const asked = served.client.info({ signal: AbortSignal.timeout(50) });
  await assert.rejects(asked, codeIs('cli/interrupted'));
});

test('a daemon that hangs, is not there, or hangs up', async () => {
  await using served = await serve(() => {}, 50);
  await assert.rejects(served.client.ping(), codeIs('cli/no-answer'));
  await assert.rejects(
    createClient({ socketPath: '/nonexistent/s' }).ping(),
    codeIs('cli/daemon-unreachable'),
  );
  await using rude = await serve((request) => request.socket.destroy());
  await assert.rejects(rude.client.ping(), codeIs('cli/connection-lost'));
});

test('an upload whose source cannot be read says that, and not that the daemon refuses', async () => {
  await using served = await serve((request) => void request.resume());
  const source = new Readable({
    read() {
      this.destroy(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }));
    },
  });
  await assert.rejects(served.client.uploadFiles(source), codeIs('cli/file-unreadable'));
});
