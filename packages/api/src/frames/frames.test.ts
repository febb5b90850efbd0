import assert from 'node:assert/strict';
import test from 'node:test';
import { CHANNEL, ERROR, FRAME, LIMIT, OPEN_KIND } from '@ignite/protocol';
import fc from 'fast-check';
import { isIgniteError } from '../errors/index.ts';
import {
  createFrameParser,
  createPreambleScanner,
  createStreamState,
  decodeExit,
  decodeLog,
  decodeOpen,
  decodeRefusal,
  decodeTlv,
  encodeExit,
  encodeFrame,
  encodeLog,
  encodeOpen,
  encodePreamble,
  encodeReset,
  encodeTlv,
  type Frame,
} from './index.ts';

const pieces = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 12 });
const records = fc.array(
  fc.record({ tag: fc.integer({ min: 0, max: 65_535 }), value: fc.uint8Array({ maxLength: 60 }) }),
  { maxLength: 10 },
);

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const cuts: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    cuts.push(bytes.subarray(at, at + size));
    at += size;
  }
  cuts.push(bytes.subarray(at));
  return cuts;
}

function onlyProtocolErrors(run: () => void): void {
  try {
    run();
  } catch (error) {
    assert.ok(isIgniteError(error, 'guest/protocol'), String(error));
  }
}

function parseOne(bytes: Uint8Array): Frame {
  const [frame] = createFrameParser().push(bytes);
  assert.ok(frame);
  return frame;
}

test('frames come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(50), { maxLength: 60 }), (payloads, sizes) => {
      const bytes = Buffer.concat(payloads.map((payload, index) => encodeFrame(FRAME.DATA, index, payload)));
      const parser = createFrameParser();
      const frames = cut(bytes, sizes).flatMap((piece) => [...parser.push(piece)]);
      assert.deepEqual(
        frames.map((frame) => [frame.stream, Buffer.from(frame.payload).toString('hex')]),
        payloads.map((payload, index) => [index, Buffer.from(payload).toString('hex')]),
      );
      assert.equal(parser.pending, 0);
    }),
  );
});

test('a parser fed with anything throws nothing but a protocol error', () => {
  fc.assert(
    fc.property(pieces, (input) => {
      const parser = createFrameParser();
      const stream = createStreamState(1, 'opener');
      onlyProtocolErrors(() => {
        for (const piece of input) for (const frame of parser.push(piece)) stream.receive(frame);
      });
    }),
  );
});

test('any payload of any stream frame gives an event or a protocol error', () => {
  const types = fc.constantFrom(...Object.values(FRAME));
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 80 }), (type, payload) => {
      onlyProtocolErrors(() =>
        createStreamState(1, 'acceptor').receive({ type, flags: 0, stream: 1, payload }),
      );
      onlyProtocolErrors(() => decodeOpen(payload));
      onlyProtocolErrors(() => decodeLog({ type, flags: 0, stream: 0, payload }));
    }),
  );
});

test('an announced length over the limit is refused before its bytes come', () => {
  const header = encodeFrame(FRAME.DATA, 1);
  new DataView(header.buffer).setUint32(0, LIMIT.PAYLOAD + 1, true);
  assert.throws(() => createFrameParser().push(header), { code: 'guest/protocol' });
});

test('TLV records come back', () => {
  fc.assert(
    fc.property(records, (input) => {
      const output = decodeTlv(encodeTlv(input)).records.map(({ tag, value }) => ({
        tag,
        value: [...value],
      }));
      assert.deepEqual(
        output,
        input.map(({ tag, value }) => ({ tag, value: [...value] })),
      );
    }),
  );
});

test('a record that runs past its end is a protocol error', () => {
  assert.throws(() => decodeTlv(Uint8Array.of(1, 0, 5, 0, 0, 0, 9)), { code: 'guest/protocol' });
});

test('the preamble is found behind stale bytes and preambles of other sessions', () => {
  const id = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(
      id,
      id,
      fc.uint8Array({ maxLength: 90 }),
      fc.array(fc.nat(20)),
      (mine, other, stale, sizes) => {
        fc.pre(Buffer.compare(mine, other) !== 0);
        const half = encodePreamble(other).subarray(0, 20);
        const after = Uint8Array.of(1, 2, 3);
        const bytes = Buffer.concat([stale, half, encodePreamble(other), encodePreamble(mine), after]);
        const scanner = createPreambleScanner(mine);
        const got: number[] = [];
        let found = false;
        for (const piece of cut(bytes, sizes)) {
          if (found) got.push(...piece);
          const hit = found ? undefined : scanner.push(piece);
          if (hit === undefined) continue;
          found = true;
          got.push(...hit.rest);
        }
        assert.ok(found);
        assert.deepEqual(got, [1, 2, 3]);
      },
    ),
  );
});

test('a long OPEN travels in pieces and comes back', () => {
  const env = Array.from({ length: 3000 }, (_, index) => `NAME${index}=${'v'.repeat(40)}`);
  const frames = encodeOpen(7, {
    kind: OPEN_KIND.EXEC,
    argv: ['printf', 'a b'],
    env,
    tty: { rows: 24, columns: 80, term: 'xterm' },
  }).map(parseOne);
  assert.deepEqual(
    frames.map((frame) => frame.flags),
    [1, 1, 0],
  );
  const request = decodeOpen(Buffer.concat(frames.map((frame) => frame.payload)));
  assert.deepEqual(request.argv, ['printf', 'a b']);
  assert.deepEqual(request.env, env);
  assert.deepEqual(request.tty, { rows: 24, columns: 80, term: 'xterm' });
});

test('exit, reset and log frames come back', () => {
  assert.deepEqual(decodeExit(parseOne(encodeExit(1, { code: -1, oom: true }))), { code: -1, oom: true });
  assert.deepEqual(decodeExit(parseOne(encodeExit(1, { signal: 9, oom: false }))), { signal: 9, oom: false });
  const refusal = { error: ERROR.NOT_FOUND, errno: 2, text: 'no such file' };
  assert.deepEqual(decodeRefusal(decodeTlv(parseOne(encodeReset(1, refusal)).payload)), refusal);
  const piece = { stream: 2, time: 1_700_000_000_123_456_789n, bytes: Uint8Array.of(10, 13) } as const;
  const back = decodeLog(parseOne(encodeLog(piece)));
  assert.deepEqual({ ...back, bytes: [...back.bytes] }, { ...piece, bytes: [10, 13] });
});

test('data stops at the window and goes on with the credit of what was consumed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 12 }), (sizes) => {
      const sender = createStreamState(1, 'acceptor');
      const reader = createStreamState(1, 'opener');
      let moved = 0;
      const total = sizes.reduce((sum, size) => sum + size, 0);
      let left = Buffer.alloc(total, 7);
      while (left.length > 0) {
        const { frames, taken } = sender.send(CHANNEL.OUT, left);
        assert.ok(taken > 0, 'the sender never waits for ever');
        left = left.subarray(taken);
        for (const frame of frames) {
          const event = reader.receive(parseOne(frame));
          assert.ok(event?.kind === 'data');
          moved += event.bytes.length;
          const credit = reader.consume(CHANNEL.OUT, event.bytes.length);
          if (credit !== undefined) sender.receive(parseOne(credit));
        }
      }
      assert.equal(moved, total);
    }),
    { numRuns: 30 },
  );
});

test('data beyond the credit, after the end and on a wrong channel are protocol errors', () => {
  const data = (channel: number, size: number): Frame => {
    const payload = new Uint8Array(size + 1);
    payload[0] = channel;
    return { type: FRAME.DATA, flags: 0, stream: 1, payload };
  };
  const full = createStreamState(1, 'opener');
  for (let sent = 0; sent < LIMIT.WINDOW; sent += 32_768) full.receive(data(CHANNEL.OUT, 32_768));
  assert.throws(() => full.receive(data(CHANNEL.OUT, 1)), { code: 'guest/protocol' });
  assert.throws(() => createStreamState(1, 'opener').receive(data(CHANNEL.IN, 1)), {
    code: 'guest/protocol',
  });
  const ended = createStreamState(1, 'opener');
  ended.receive({ type: FRAME.EOF, flags: 0, stream: 1, payload: Uint8Array.of(CHANNEL.OUT) });
  assert.throws(() => ended.receive(data(CHANNEL.OUT, 1)), { code: 'guest/protocol' });
});

test('frames after the end of a stream are dropped', () => {
  const stream = createStreamState(1, 'opener');
  stream.end();
  assert.equal(
    stream.receive({ type: FRAME.DATA, flags: 0, stream: 1, payload: Uint8Array.of(9) }),
    undefined,
  );
});

test('the magic of a preamble never stands whole in what the opener sends', () => {
  const magic = encodePreamble(new Uint8Array(16)).subarray(0, 8);
  const bytes = Buffer.concat([magic, Buffer.from('x'), magic, magic, Buffer.alloc(70_000), magic]);
  const { frames, taken } = createStreamState(1, 'opener').send(CHANNEL.IN, bytes);
  const sent = Buffer.concat(frames);
  assert.equal(taken, bytes.length);
  assert.equal(sent.indexOf(magic), -1);
  const back = createFrameParser()
    .push(sent)
    .map((frame) => frame.payload.subarray(1));
  assert.deepEqual(Buffer.concat(back), bytes);
});
