import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import test from 'node:test';
import {
  encodeExit,
  encodeFrame,
  encodePreamble,
  encodeReset,
  encodeTlv,
  decodeTlv,
  tlv,
  tlvNumber,
} from '@ignite/api';
import { CHANNEL, ERROR, FRAME, LIMIT, TAG } from '@ignite/protocol';
import { createFakeAgent, type FakeBehaviour } from './fake-agent.ts';
import type { GuestSession } from './port.ts';
import { openSession } from './session.ts';

const soon = () => AbortSignal.timeout(120_000);
const command = { argv: ['cat'], env: [], detached: false } as const;

async function connect(behaviour: FakeBehaviour, pieceBytes?: number, atOnce?: boolean) {
  const agent = createFakeAgent(behaviour, pieceBytes, atOnce);
  const session: GuestSession = await openSession(agent.pipe, soon());
  return { agent, session };
}

/** Sends what it gets back on stdout, within its credit, and exits 0 at the end of the input. */
function createEcho(): FakeBehaviour {
  const waiting: Uint8Array[] = [];
  let ended = false;
  return {
    onEvent({ state }, event, send) {
      if (event.kind === 'data') waiting.push(event.bytes.slice());
      if (event.kind === 'eof') ended = true;
      while (state.sendable(CHANNEL.OUT) > 0) {
        const bytes = waiting.shift();
        if (bytes === undefined) break;
        const { frames, taken } = state.send(CHANNEL.OUT, bytes);
        if (taken < bytes.length) waiting.unshift(bytes.subarray(taken));
        const credit = state.consume(CHANNEL.IN, taken);
        for (const frame of frames) send(frame);
        if (credit !== undefined) send(credit);
      }
      if (!ended || waiting.length > 0) return;
      ended = false;
      for (const channel of [CHANNEL.OUT, CHANNEL.ERR]) send(state.sendEof(channel) ?? new Uint8Array(0));
      send(encodeExit(state.id, { code: 0, oom: false }));
    },
  };
}

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test('a session begins behind stale bytes and a preamble of another session, in pieces of any size', async () => {
  const stale = Buffer.concat([Buffer.alloc(100, 0xff), encodePreamble(new Uint8Array(16)).subarray(0, 30)]);
  for (const pieceBytes of [1, 7, 65_536]) {
    const { session } = await connect({ ...createEcho(), stale }, pieceBytes);
    assert.equal(session.agentVersion, '9.9.9');
    const stream = await session.exec(command);
    stream.stdin.end('hello');
    assert.equal((await readAll(stream.stdout)).toString(), 'hello');
    assert.deepEqual(await stream.exit, { code: 0, oom: false });
    await session[Symbol.asyncDispose]();
  }
});

test('a reader that does not read holds the agent at its window', async () => {
  let sent = 0;
  const pour: NonNullable<FakeBehaviour['onOpen']> = ({ state }, send) => {
    const { frames, taken } = state.send(CHANNEL.OUT, new Uint8Array(LIMIT.WINDOW));
    sent += taken;
    for (const frame of frames) send(frame);
  };
  const { session } = await connect({
    onOpen(stream, send) {
      send(encodeFrame(FRAME.OPENED, stream.state.id));
      if (stream.state.id === 1) pour(stream, send);
    },
    onEvent(stream, event, send) {
      if (event.kind === 'credit' && sent < 4_000_000) pour(stream, send);
    },
  });
  const stream = await session.exec(command);
  for (let round = 0; round < 5; round++) await session.exec(command); // credit for the first would have come by now
  assert.ok(sent <= 2 * LIMIT.WINDOW, `${sent} bytes were sent`);
  let got = 0;
  for await (const piece of stream.stdout) {
    got += piece.length;
    if (got >= 4_000_000) break;
  }
  await session[Symbol.asyncDispose]();
});

test('data beyond the credit ends the session, and everybody is told', async () => {
  const { session } = await connect({
    onOpen({ state }, send) {
      send(encodeFrame(FRAME.OPENED, state.id));
      for (let sent = 0; sent <= 2 * LIMIT.WINDOW; sent += 65_535)
        send(encodeFrame(FRAME.DATA, state.id, Uint8Array.of(CHANNEL.OUT), new Uint8Array(65_535)));
    },
  });
  const stream = await session.exec(command).catch((error: unknown) => error);
  if (stream instanceof Error) assert.ok('code' in stream && stream.code === 'guest/protocol');
  else if (typeof stream === 'object' && stream !== null && 'exit' in stream)
    await assert.rejects(Promise.resolve(stream.exit), { code: 'guest/protocol' });
  await session.closed;
  await assert.rejects(session.ping(soon()), { code: 'guest/protocol' });
});

test('a frame on a stream that was never opened ends the session', async () => {
  const { agent, session } = await connect({});
  agent.send(encodeFrame(FRAME.EOF, 99, Uint8Array.of(CHANNEL.OUT)));
  await session.closed;
});

test('losing the connection rejects streams, calls and later requests', async () => {
  const { agent, session } = await connect({});
  const stream = await session.exec(command);
  const ping = session.ping(soon());
  const exit = assert.rejects(stream.exit, { code: 'guest/link-lost' });
  agent.cut();
  await assert.rejects(ping, { code: 'guest/link-lost' });
  await exit;
  await session.closed;
  await assert.rejects(session.exec(command), { code: 'guest/link-lost' });
});

test('an agent that does not answer is told as unreachable', async () => {
  const agent = createFakeAgent({ answers: false });
  const abort = new AbortController();
  const opening = assert.rejects(openSession(agent.pipe, abort.signal), { code: 'guest/unreachable' });
  abort.abort();
  await opening;
});

test('what the agent refuses becomes an error of the catalogue', async () => {
  const { session } = await connect({
    onOpen: ({ state, request }, send) =>
      send(
        encodeReset(state.id, {
          error: ERROR.NOT_FOUND,
          errno: 2,
          text: request.argv?.[0] ?? request.path ?? '',
        }),
      ),
  });
  await assert.rejects(session.exec(command), { code: 'guest/command-not-found', message: /cat/ });
  await assert.rejects(session.get({ path: '/x', follow: false }), { code: 'guest/not-found' });
  assert.equal(await session.stat('/x', soon()), undefined);
  await session[Symbol.asyncDispose]();
});

test('pings, calls and their refusals find their way back', async () => {
  const verbs: number[] = [];
  const { session } = await connect({
    onFrame(frame, send) {
      if (frame.type === FRAME.PING) send(encodeFrame(FRAME.PONG, 0, frame.payload));
      if (frame.type !== FRAME.CALL) return;
      const fields = decodeTlv(frame.payload);
      verbs.push(fields.number(TAG.VERB) ?? 0);
      const failed = fields.number(TAG.HOW) === undefined ? [] : [tlv(TAG.ERROR, ERROR.IO)];
      const id = tlvNumber(TAG.REQUEST, 4, fields.number(TAG.REQUEST) ?? 0);
      send(encodeFrame(FRAME.REPLY, 0, encodeTlv([id, ...failed])));
    },
  });
  await session.ping(soon());
  await session.setTime(1_700_000_000, soon());
  await assert.rejects(session.shutdown('poweroff', soon()), { code: 'guest/failed' });
  assert.deepEqual(verbs, [3, 1]);
  await session[Symbol.asyncDispose]();
});

test('a stream that is given up tells the agent and rejects its exit', async () => {
  const resets: number[] = [];
  const { session } = await connect({
    onEvent: (stream, event) => {
      if (event.kind === 'reset') resets.push(stream.state.id);
    },
    onFrame: (frame, send) => {
      if (frame.type === FRAME.PING) send(encodeFrame(FRAME.PONG, 0, frame.payload));
    },
  });
  const stream = await session.exec(command);
  stream.reset();
  await assert.rejects(stream.exit);
  await session.ping(soon());
  assert.deepEqual(resets, [1]);
  await session[Symbol.asyncDispose]();
});

for (const atOnce of [false, true])
  test(`megabytes both ways arrive byte for byte, ${atOnce ? 'answered from within the write' : 'answered later'}`, async () => {
    const bytes = Buffer.alloc(5_000_000, 'every piece has another place ');
    for (let at = 0; at + 4 < bytes.length; at += 997) bytes.writeUInt32LE(at, at);
    for (const pieceBytes of [60_000, 4_099]) {
      const { session } = await connect(createEcho(), pieceBytes, atOnce);
      const stream = await session.exec(command);
      stream.stdin.end(bytes);
      const got = await readAll(stream.stdout);
      assert.equal(got.length, bytes.length);
      assert.ok(got.equals(bytes));
      assert.deepEqual(await stream.exit, { code: 0, oom: false });
      await session[Symbol.asyncDispose]();
    }
  });

test('frames keep their order where the agent answers a credit from within the write', async () => {
  const bytes = Buffer.alloc(3_000_000);
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(at, at);
  let sent = 0;
  const pour: NonNullable<FakeBehaviour['onOpen']> = ({ state }, send) => {
    const frames: Uint8Array[] = [];
    while (sent < bytes.length && state.sendable(CHANNEL.OUT) > 0) {
      const next = state.send(CHANNEL.OUT, bytes.subarray(sent, sent + 10_000));
      sent += next.taken;
      frames.push(...next.frames);
    }
    if (frames.length > 0) send(Buffer.concat(frames));
    if (sent === bytes.length) send(state.sendEof(CHANNEL.OUT) ?? new Uint8Array(0));
  };
  const behaviour: FakeBehaviour = {
    onOpen(stream, send) {
      send(encodeFrame(FRAME.OPENED, stream.state.id));
      setImmediate(() => pour(stream, send));
    },
    onEvent: (stream, event, send) => (event.kind === 'credit' ? pour(stream, send) : undefined),
  };
  const { session } = await connect(behaviour, 1 << 20, true);
  const stream = await session.exec(command);
  const got = await readAll(stream.stdout);
  assert.equal(got.length, bytes.length);
  assert.ok(got.equals(bytes));
  await session[Symbol.asyncDispose]();
});

test('an agent that has died is noticed by a caller that waits for it, one that is only slow is not', async () => {
  let alive = true;
  let pings = 0;
  let answerLate = () => {};
  const agent = createFakeAgent({
    onOpen({ state }, send) {
      if (state.id === 1) answerLate = () => send(encodeFrame(FRAME.OPENED, state.id));
    },
    onFrame: (frame, send) => {
      if (!alive || frame.type !== FRAME.PING) return;
      send(encodeFrame(FRAME.PONG, 0, frame.payload));
      pings += 1;
      if (pings === 3) answerLate();
    },
  });
  const patience = { askAfterMs: 5, lostAfterMs: 120_000 };
  const session = await openSession(agent.pipe, soon(), patience);
  const stream = await session.exec(command);
  const exit = assert.rejects(stream.exit, { code: 'guest/unreachable' });
  alive = false;
  patience.lostAfterMs = 20;
  await assert.rejects(session.exec(command), { code: 'guest/unreachable' });
  await exit;
  await session.closed;
});

test('frames of a newer agent are passed over, in a session and in a stream', async () => {
  const { session } = await connect({
    onOpen({ state }, send) {
      send(encodeFrame(0x90, 0, new Uint8Array(3)));
      send(encodeFrame(0x90, state.id, new Uint8Array(3)));
      send(encodeFrame(FRAME.OPENED, state.id));
    },
  });
  await session.exec(command);
  await session[Symbol.asyncDispose]();
});

for (const [what, frame] of [
  ['PINGs', encodeFrame(FRAME.PING, 0, new Uint8Array(8))],
  ['frames of no known type', encodeFrame(0x91, 0, new Uint8Array(60_000))],
  ['answers to no question', encodeFrame(FRAME.PONG, 0, new Uint8Array(8))],
  ['data without a byte', encodeFrame(FRAME.DATA, 1, Uint8Array.of(CHANNEL.OUT))],
  ['credit of nothing', encodeFrame(FRAME.CREDIT, 1, new Uint8Array(5))],
  ['ends of an end', encodeFrame(FRAME.EOF, 1, Uint8Array.of(CHANNEL.ERR))],
] as const)
  test(`an agent that sends ${what} without end loses its session`, async () => {
    const { agent, session } = await connect({});
    await session.exec(command);
    const many = Buffer.concat(Array.from({ length: Math.ceil(60_000 / frame.length) }, () => frame));
    let over = false;
    const closed = session.closed.then(() => (over = true));
    for (let sent = 0; sent < 4 * 2 ** 20 && !over; sent += many.length) {
      agent.send(many);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    await assert.rejects(session.ping(soon()), { code: 'guest/protocol' });
  });

test('an agent that sends and never reads fills no memory with the credit that it does not take', async () => {
  const piece = encodeFrame(FRAME.DATA, 1, Uint8Array.of(CHANNEL.OUT), new Uint8Array(32_768));
  const sent: Buffer[] = [];
  const pipe = new Duplex({
    highWaterMark: 1024,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk);
      if (sent.length <= 2) done(); // the preamble and OPEN; then it is deaf
    },
  });
  const opening = openSession(pipe, soon());
  const [greeting = Buffer.alloc(0)] = sent;
  pipe.push(greeting.subarray(0, LIMIT.PREAMBLE));
  pipe.push(encodeFrame(FRAME.HELLO, 0, encodeTlv([tlv(TAG.AGENT_VERSION, 'deaf')])));
  const session = await opening;
  const exec = session.exec(command);
  pipe.push(encodeFrame(FRAME.OPENED, 1, encodeTlv([tlvNumber(TAG.PID, 4, 1)])));
  const stream = await exec;
  stream.stdout.resume();
  for (let count = 0; count < 2_000 && !pipe.destroyed; count += 1) {
    pipe.push(piece);
    await new Promise(setImmediate);
  }
  assert.ok(pipe.writableLength < 2048, `${pipe.writableLength} bytes wait for the agent`);
  await assert.rejects(stream.exit, { code: 'guest/protocol' });
});
