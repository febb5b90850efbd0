import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import { encodeOpen } from '@ignite/api/frames';
import type { Engine, GuestStream } from '@ignite/engine';
import { OPEN_KIND } from '@ignite/protocol';
import type { Handlers } from './handler.ts';
import { createApiServer } from './server.ts';

/** A server of fakes: what it wrote into the audit log, one result after the other, and what it took for a bug. */
async function serveFakes(fakes: {
  readonly handlers?: Partial<Handlers>;
  readonly stream?: GuestStream;
  readonly signal?: AbortSignal;
}) {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-api-'));
  const path = join(folder, 'socket');
  const audited = Promise.withResolvers<string>();
  const bugs: unknown[] = [];
  const engine = {
    audit: { write: ({ result }: { readonly result: string }) => audited.resolve(result) },
    peerOf: async () => undefined,
    vms: { inspect: () => {}, stream: async () => ({ kind: 'stream', stream: fakes.stream }) },
  };
  const server = createApiServer({
    engine: engine as unknown as Engine,
    handlers: (fakes.handlers ?? {}) as Handlers,
    complain: (_text, error) => void bugs.push(error),
    signal: fakes.signal ?? new AbortController().signal,
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    bugs,
    result: audited.promise,
    ask: (bytes: string | Uint8Array): Socket => {
      const socket = connect(path);
      socket.on('error', () => {});
      socket.write(bytes);
      return socket;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(folder, { recursive: true });
    },
  };
}

test('an upload that its client breaks off is no bug of ours', async () => {
  const begun = Promise.withResolvers<void>();
  const keepFiles: Handlers['uploadFiles'] = async ({ bytes }) => {
    for await (const _piece of bytes) begun.resolve();
    return { upload: '', bytes: 0 };
  };
  await using server = await serveFakes({ handlers: { uploadFiles: keepFiles } });
  const client = server.ask('POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbegin');
  await begun.promise;
  client.destroy();
  assert.equal(await server.result, 'host/cancelled');
  assert.deepEqual(server.bugs, []);
});

test('nor is a body of JSON that does not come to its end', async () => {
  await using server = await serveFakes({});
  const client = server.ask('POST /v1/vms/x/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
  await once(client, 'connect');
  client.destroy();
  assert.equal(await server.result, 'host/cancelled');
  assert.deepEqual(server.bugs, []);
});

test('nor is a stream whose client goes while a guest pours', async () => {
  const stdout = new Readable({
    read() {
      setImmediate(() => this.push(Buffer.alloc(65_536)));
    },
  });
  const stream: GuestStream = {
    stdin: new Writable({ write: (_piece, _encoding, done) => done() }),
    stdout,
    stderr: Readable.from([]),
    exit: new Promise(() => {}),
    signal: () => {},
    resize: () => {},
    reset: () => void stdout.push(null),
  };
  await using server = await serveFakes({ stream });
  const head =
    'POST /v1/vms/x/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ignite-stream\r\nContent-Length: 0\r\n\r\n';
  const client = server.ask(Buffer.concat([Buffer.from(head), ...encodeOpen(1, { kind: OPEN_KIND.EXEC })]));
  await once(client, 'data');
  client.destroy();
  assert.equal(await server.result, 'ok');
  assert.deepEqual(server.bugs, []);
});

test('what is followed is cut off where the daemon ends, and has its last chunk where nothing more can come', async () => {
  const ending = new AbortController();
  const begun = Promise.withResolvers<void>();
  const events: Handlers['events'] = async function* ({ query, signal }) {
    yield { seq: 1, time: '2026-11-21T10:00:00Z', kind: 'vm', action: 'start', attributes: {} };
    if (query.follow !== true) return;
    begun.resolve();
    await once(signal, 'abort');
  };
  await using server = await serveFakes({ handlers: { events }, signal: ending.signal });
  const read = async (query: string) => {
    const socket = server.ask(`GET /v1/events?${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const pieces: Buffer[] = [];
    socket.on('data', (piece) => void pieces.push(piece));
    await once(socket, 'close');
    return Buffer.concat(pieces).toString();
  };
  assert.match(await read('follow=false'), /"seq":1,[^]*\r\n0\r\n\r\n$/);
  const followed = read('follow=true');
  await begun.promise;
  ending.abort(new IgniteError('daemon/stopping', 'The daemon is ending'));
  assert.doesNotMatch(await followed, /\r\n0\r\n\r\n$/);
});
