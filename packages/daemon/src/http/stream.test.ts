import assert from 'node:assert/strict';
import { type Duplex, duplexPair, PassThrough, Transform } from 'node:stream';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import {
  createFrameParser,
  createStreamState,
  decodeExit,
  encodeOpen,
  type OpenRequest,
  type StreamEvent,
} from '@ignite/api/frames';
import type { GuestStream } from '@ignite/engine';
import { CHANNEL, FRAME, OPEN_KIND } from '@ignite/protocol';
import { serveStream } from './stream.ts';

const STREAM = 1;
const silent = () => {};
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

test('a process that reads and writes at once is fed and drained at once', { timeout: 10_000 }, async () => {
  const [client, server] = duplexPair();
  const total = 4 << 20;

  void serveStream(server, async () => ({ kind: 'stream', stream: doubling() }), silent);

  assert.deepEqual(await converse(client, total), { received: 2 * total, code: 3 });
});

test('what cannot be opened is told with its code', async () => {
  const [client, server] = duplexPair();
  const refuse = () => Promise.reject(new IgniteError('vm/not-running', 'web is not running'));

  void serveStream(server, refuse, silent);

  await assert.rejects(converse(client, 0), /web is not running/);
});

test('a guest that is lost while its process runs is told with its code', { timeout: 5_000 }, async () => {
  const [client, server] = duplexPair();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  for (const output of [stdout, stderr]) output.on('error', silent);
  const stream: GuestStream = { ...doubling(), stdout, stderr, exit: new Promise(silent) };
  const lost = new IgniteError('guest/link-lost', 'The connection to the agent in the guest ended');
  client.once('data', () => {
    for (const output of [stdout, stderr]) output.destroy(lost);
  });

  void serveStream(server, async () => ({ kind: 'stream', stream }), silent);

  await assert.rejects(converse(client, 0), /agent in the guest ended/);
});

test('a client that goes away gives the stream up', { timeout: 5_000 }, async () => {
  const [client, server] = duplexPair();
  const reset = Promise.withResolvers<void>();
  const stream: GuestStream = { ...doubling(), reset: () => reset.resolve() };

  void serveStream(server, async () => ({ kind: 'stream', stream }), silent);
  for (const frame of encodeOpen(STREAM, exec)) client.write(frame);
  client.once('data', () => client.end());

  await reset.promise;
});
