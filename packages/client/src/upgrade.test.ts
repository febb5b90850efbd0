import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api/errors';
import { type Upgraded, upgrade } from './upgrade.ts';

const GRANTED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n';
const FRAMES = [Buffer.from('first'), Buffer.from('second')];

interface Served extends AsyncDisposable {
  readonly asked: Promise<string>;
  ask(more?: { readonly signal?: AbortSignal; readonly timeoutMs?: number }): Promise<Upgraded>;
}

/** A server that answers once it has read the frames that come right behind the request. */
async function serve(answer: (socket: Socket) => void): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-upgrade-'));
  const socketPath = join(folder, 's');
  const asked = Promise.withResolvers<string>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let text = '';
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      text += String(piece);
      if (!text.endsWith('firstsecond')) return;
      asked.resolve(text);
      answer(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    asked: asked.promise,
    ask: ({ timeoutMs = 0, ...more } = {}) =>
      upgrade({ socketPath, timeoutMs: 0 }, { path: '/v1/vms/x/stream', timeoutMs, ...more }, FRAMES),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const codeIs = (code: string) => (thrown: unknown) => thrown instanceof IgniteError && thrown.code === code;

function refusal(more = ''): string {
  const error = { code: 'api/ambiguous', message: 'm', hint: 'h', blame: 'user', details: {}, causes: [] };
  const body = JSON.stringify({ error });
  return `HTTP/1.1 409 Refused\r\n${more.replace('LENGTH', String(body.length))}\r\n${body}`;
}

test('the frames follow the request; what comes behind the answer’s head is handed over', async () => {
  await using served = await serve((socket) => socket.write(`${GRANTED}early`));
  const { head, socket } = await served.ask();
  assert.equal(Buffer.from(head).toString(), 'early');
  assert.match(
    await served.asked,
    /^POST \/v1\/vms\/x\/stream HTTP\/1\.1\r\nHost: ignite\r\n(.+\r\n)*\r\nfirstsecond$/,
  );
  socket.destroy();
});

test('an answer in single bytes loses nothing', async () => {
  await using served = await serve((socket) => {
    for (const byte of Buffer.from(`${GRANTED}abc`)) socket.write(Buffer.of(byte));
  });
  const { head, socket } = await served.ask();
  let text = Buffer.from(head).toString();
  socket.on('data', (piece) => (text += String(piece)));
  socket.resume();
  while (text !== 'abc') await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
});

test('a refusal is the daemon’s error, with a length and without one', async () => {
  await using long = await serve((socket) => socket.write(refusal('Content-Length: LENGTH\r\n')));
  await assert.rejects(long.ask(), codeIs('api/ambiguous'));
  await using closed = await serve((socket) => socket.end(refusal()));
  await assert.rejects(closed.ask(), codeIs('api/ambiguous'));
});

test('a daemon that hangs up, hangs, floods, or is not there; a caller that gives up', async () => {
  await using rude = await serve((socket) => socket.destroy());
  await assert.rejects(rude.ask(), codeIs('cli/connection-lost'));
  await using silent = await serve(() => {});
  await assert.rejects(silent.ask({ timeoutMs: 30 }), codeIs('cli/no-answer'));
  const giveUp = new AbortController();
  const asking = silent.ask({ signal: giveUp.signal });
  giveUp.abort();
  await assert.rejects(asking, codeIs('cli/interrupted'));
  await using flood = await serve((socket) => socket.write(Buffer.alloc(2 << 20, 'x')));
  await assert.rejects(flood.ask(), codeIs('cli/strange-answer'));
  const nowhere = upgrade({ socketPath: '/nonexistent/s', timeoutMs: 0 }, { path: '/', timeoutMs: 0 }, []);
  await assert.rejects(nowhere, codeIs('cli/daemon-unreachable'));
});
