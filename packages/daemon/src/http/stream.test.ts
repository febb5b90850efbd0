import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Duplex, duplexPair, PassThrough, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import {
  createFrameParser,
  createStreamState,
  decodeExit,
  encodeOpen,
  encodeReset,
  type OpenRequest,
  type StreamEvent,
} from '@ignite/api/frames';
import type { GuestStream } from '@ignite/engine';
import { CHANNEL, ERROR, FRAME, OPEN_KIND } from '@ignite/protocol';
import { serveStream } from './stream.ts';

const STREAM = 1;
const silent = () => {};
/** Of a daemon that does not end. */
const ALIVE = new AbortController().signal;
const GIVE_UP = encodeReset(STREAM, { error: ERROR.IO, text: 'given up by the client' });
const exec: OpenRequest = { kind: OPEN_KIND.EXEC, argv: ['tee'] };

/** A process that writes twice what it reads, at the pace of its reader, and holds next to nothing. */
function doubling(): GuestStream {
  const pipe = new Transform({
    highWaterMark: 1024,
    transform: (piece: Buffer, _, done) => done(null, Buffer.concat([piece, piece])),
  });
  const stderr = new PassThrough();
  stderr.end();
  const ended = new Promise<void>((resolve) => pipe.once('end', resolve));
  return {
    stdin: pipe,
    stdout: pipe,
    stderr,
    exit: ended.then(() => ({ code: 3, oom: false })),
    signal: silent,
    resize: silent,
    reset: silent,
  };
}

/** A client that sends `total` bytes and reads what comes, both by the rules of credit. */
function converse(
  socket: Duplex,
  total: number,
): Promise<{ readonly received: number; readonly code: number | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    received: number;
    code: number | undefined;
  }>();
  const state = createStreamState(STREAM, 'opener');
  const parser = createFrameParser();
  let sent = 0;
  let received = 0;
  const push = () => {
    while (sent < total && state.sendable(CHANNEL.IN) > 0) {
      const { frames, taken } = state.send(CHANNEL.IN, Buffer.alloc(Math.min(32_768, total - sent)));
      sent += taken;
      for (const frame of frames) socket.write(frame);
    }
    const eof = sent === total ? state.sendEof(CHANNEL.IN) : undefined;
    if (eof !== undefined) socket.write(eof);
  };
  const take = (event: StreamEvent | undefined) => {
    if (event?.kind === 'data') {
      received += event.bytes.length;
      const credit = state.consume(event.channel, event.bytes.length);
      if (credit !== undefined) socket.write(credit);
    }
    if (event?.kind === 'credit') push();
    if (event?.kind === 'reset') reject(new Error(event.refusal.text));
  };
  socket.on('data', (piece: Buffer) => {
    for (const frame of parser.push(piece)) {
      if (frame.type === FRAME.EXIT) resolve({ received, code: decodeExit(frame).code });
      else take(state.receive(frame));
    }
  });
  for (const frame of encodeOpen(STREAM, exec)) socket.write(frame);
  push();
  return promise;
}

test('a process that reads and writes at once is fed and drained at once', { timeout: 120_000 }, async () => {
  const [client, server] = duplexPair();
  const total = 4 << 20;

  void serveStream(server, async () => ({ kind: 'stream', stream: doubling() }), silent, ALIVE);

  assert.deepEqual(await converse(client, total), { received: 2 * total, code: 3 });
});

test('what cannot be opened is told with its code', async () => {
  const [client, server] = duplexPair();
  const refuse = () => Promise.reject(new IgniteError('vm/not-running', 'web is not running'));

  void serveStream(server, refuse, silent, ALIVE);

  await assert.rejects(converse(client, 0), /web is not running/);
});

test('a guest that is lost while its process runs is told with its code', { timeout: 120_000 }, async () => {
  const [client, server] = duplexPair();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  for (const output of [stdout, stderr]) output.on('error', silent);
  const stream: GuestStream = { ...doubling(), stdout, stderr, exit: new Promise(silent) };
  const lost = new IgniteError('guest/link-lost', 'The connection to the agent in the guest ended');
  client.once('data', () => {
    for (const output of [stdout, stderr]) output.destroy(lost);
  });

  void serveStream(server, async () => ({ kind: 'stream', stream }), silent, ALIVE);

  await assert.rejects(converse(client, 0), /agent in the guest ended/);
});

test('a client that goes away gives the stream up', { timeout: 120_000 }, async () => {
  const [client, server] = duplexPair();
  const reset = Promise.withResolvers<void>();
  const stream: GuestStream = { ...doubling(), reset: () => reset.resolve() };

  void serveStream(server, async () => ({ kind: 'stream', stream }), silent, ALIVE);
  for (const frame of encodeOpen(STREAM, exec)) client.write(frame);
  client.once('data', () => client.end());

  await reset.promise;
});

test('what then fails in the stream, as nobody wants it any more, is no bug', {
  timeout: 120_000,
}, async () => {
  for (const leave of [(client: Duplex) => client.end(), (client: Duplex) => client.write(GIVE_UP)]) {
    const [client, server] = duplexPair();
    const complaints: unknown[] = [];
    const [stdout, gone] = [new PassThrough(), Promise.withResolvers<never>()];
    gone.promise.catch(silent);
    const reset = () => {
      stdout.destroy(); // its reader finds a premature close
      gone.reject(new Error('Premature close'));
    };
    const stream: GuestStream = { ...doubling(), stdout, exit: gone.promise, reset };

    const open = async () => ({ kind: 'stream', stream }) as const;
    const served = serveStream(server, open, (_text, error) => void complaints.push(error), ALIVE);
    for (const frame of encodeOpen(STREAM, exec)) client.write(frame);
    client.once('data', () => void leave(client));

    await served;
    assert.deepEqual(complaints, []);
  }
});

test('a stream ends with the daemon, whose VM runs on', { timeout: 120_000 }, async () => {
  const [client, server] = duplexPair();
  const daemon = new AbortController();
  const reset = Promise.withResolvers<void>();
  const stream: GuestStream = { ...doubling(), reset: () => reset.resolve() };

  const served = serveStream(server, async () => ({ kind: 'stream', stream }), silent, daemon.signal);
  const talk = converse(client, Number.POSITIVE_INFINITY);
  await once(client, 'data');
  daemon.abort();

  await assert.rejects(talk, /daemon is ending/);
  await reset.promise;
  await served;
});

test('one that was never opened ends with the daemon, too', { timeout: 120_000 }, async () => {
  const [client, server] = duplexPair();
  const daemon = new AbortController();
  const served = serveStream(server, () => Promise.reject(new Error('not asked for')), silent, daemon.signal);

  daemon.abort();

  await served;
  assert.match((await buffer(client)).toString(), /daemon is ending/);
});

test('a client that asks for nothing is told so, and is held no longer', { timeout: 120_000 }, async () => {
  const [client, server] = duplexPair({ allowHalfOpen: true });
  const none = () => Promise.reject(new Error('not asked for'));
  const closed = once(server, 'close');
  const said = buffer(client); // it reads, and does not close its side

  await serveStream(server, none, silent, ALIVE, { openWithinMs: 1, closeWithinMs: 1 });

  assert.match((await said).toString(), /OPEN of the stream did not come/);
  await closed;
});
