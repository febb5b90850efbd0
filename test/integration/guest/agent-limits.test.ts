// The real agent against a host that asks for too much, and against users of the guest who get in its way. Needs root.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import test from 'node:test';
import {
  createFrameParser,
  createPreambleScanner,
  decodeRefusal,
  decodeTlv,
  encodeFrame,
  encodeOpen,
  encodePreamble,
  encodeTlv,
  type Frame,
} from '@ignite/api';
import { ERROR, FRAME, LIMIT, OPEN_KIND } from '@ignite/protocol';
import { eventually, finish, guest, root, run, soon, withAgent } from './agent-session.ts';

const ID = new Uint8Array(16).fill(7);
const SLEEP = { kind: OPEN_KIND.EXEC, argv: ['sleep', '600'], env: [], detached: false } as const;

/** A session without a host's care: every frame that comes is kept. */
function rawSession(pipe: Duplex): Frame[] {
  const scanner = createPreambleScanner(ID);
  const parser = createFrameParser();
  const frames: Frame[] = [];
  let begun = false;
  pipe.on('data', (piece: Buffer) => {
    const bytes = begun ? piece : scanner.push(piece)?.rest;
    begun ||= bytes !== undefined;
    if (bytes !== undefined) frames.push(...parser.push(Buffer.from(bytes)));
  });
  pipe.write(Buffer.concat([encodePreamble(ID), encodeFrame(FRAME.HELLO, 0, encodeTlv([]))]));
  return frames;
}

test(
  '256 streams at once are served, the 257th is refused, and its place is free again',
  { skip: !root },
  () =>
    withAgent(async (agent) => {
      const pipe = agent.lend();
      const frames = rawSession(pipe);
      const opens = Array.from({ length: LIMIT.STREAMS + 1 }, (_, index) => encodeOpen(index + 1, SLEEP));
      pipe.write(Buffer.concat(opens.flat()));
      const ofType = (type: number) => frames.filter((frame) => frame.type === type);
      await eventually(() => ofType(FRAME.OPENED).length + ofType(FRAME.RESET).length === LIMIT.STREAMS + 1);
      const refused = ofType(FRAME.RESET).map((frame) => decodeRefusal(decodeTlv(frame.payload)));
      assert.deepEqual(
        refused.map(({ error }) => error),
        [ERROR.TOO_MANY],
        JSON.stringify(refused),
      );
      pipe.write(encodeFrame(FRAME.RESET, 1, encodeTlv([])));
      pipe.write(Buffer.concat(encodeOpen(LIMIT.STREAMS + 2, SLEEP)));
      await eventually(() => ofType(FRAME.OPENED).length === LIMIT.STREAMS + 1);
      const descriptors = () => readdirSync(`/proc/${agent.process.pid}/fd`).length;
      await using next = await guest.connect(agent.lend(), soon()); // the old one's streams go with it
      await eventually(() => descriptors() < 20);
      assert.equal((await run(next, ['echo', 'fine'])).stdout.toString(), 'fine\n');
    }),
);

test('a command begins with the limits of its machine, not with the agent’s', { skip: !root }, () =>
  withAgent(async (_agent, session) => {
    const limits = await run(session, ['sh', '-c', 'ulimit -n']);
    assert.equal(limits.stdout.toString(), '1024\n');
  }),
);

for (const [what, bytes] of [
  ['credit beyond the window', encodeFrame(FRAME.CREDIT, 1, Uint8Array.of(1, 255, 255, 255, 255))],
  [
    'data beyond the credit',
    Buffer.concat(Array.from({ length: 6 }, () => encodeFrame(FRAME.DATA, 1, new Uint8Array(65_000)))),
  ],
  ['a record of 4 GiB', encodeFrame(FRAME.SIGNAL, 1, Uint8Array.of(41, 0, 255, 255, 255, 255, 1))],
  [
    'an OPEN without end',
    Buffer.concat(
      Array.from({ length: 17 }, () =>
        Buffer.from([0, 0, 1, 0, 16, 1, 0, 0, 2, 0, 0, 0, ...new Uint8Array(65_536)]),
      ),
    ),
  ],
] as const)
  test(`${what} ends the session and nothing else`, { skip: !root }, () =>
    withAgent(async (agent) => {
      const pipe = agent.lend();
      const frames = rawSession(pipe);
      pipe.write(Buffer.concat(encodeOpen(1, { ...SLEEP, argv: ['sleep', '600'] })));
      await eventually(() => frames.some(({ type }) => type === FRAME.OPENED));
      pipe.write(bytes);
      await eventually(() => frames.some(({ type }) => type === FRAME.BYE));
      await using next = await guest.connect(agent.lend(), soon());
      assert.equal((await run(next, ['echo', 'fine'])).stdout.toString(), 'fine\n');
    }),
  );

/** The first half of a tar with one file of `size` bytes, as tar(1) makes it. */
async function tarOf(session: Parameters<typeof run>[0], size: number): Promise<Buffer> {
  const script = `d=$(mktemp -d); head -c ${size} /dev/zero > $d/file; chmod 666 $d/file; tar -cC $d file; rm -r $d`;
  return (await run(session, ['sh', '-c', script])).stdout;
}

test(
  'a file that is swapped for a link while it is copied in does not lend its mode to the link’s target',
  {
    skip: !root,
  },
  () =>
    withAgent(async (_agent, session, folder) => {
      const [target, secret] = [join(folder, 'target'), join(folder, 'secret')];
      mkdirSync(target);
      writeFileSync(secret, 'secret');
      chmodSync(secret, 0o600);
      const tar = await tarOf(session, 100_000);
      const put = await session.put({ path: target, keepOwner: false });
      put.stdin.write(tar.subarray(0, 50_000));
      await eventually(() => existsSync(join(target, 'file')));
      rmSync(join(target, 'file'));
      symlinkSync(secret, join(target, 'file'));
      await finish(put, tar.subarray(50_000));
      assert.equal(statSync(secret).mode & 0o777, 0o600);
    }),
);
