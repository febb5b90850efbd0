// The app's output: byte-exact to a reader at its own pace, never in the guest's way without one, bounded in memory.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { createFrameParser, decodeLog } from '@ignite/api/frames';
import { FRAME, LIMIT } from '@ignite/protocol';
import { eventually, makeWorld, pattern, privateMemory, soon, statusWhere, untilIdle } from './world.ts';

const MIB = 1 << 20;

interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: number;
  readonly done: boolean;
  readonly frames: number;
}

/** Reads on to the end of the command, and leaves the pipe open. */
async function readUntilDone(pipe: Duplex): Promise<void> {
  const parser = createFrameParser();
  for await (const piece of pipe.iterator({ destroyOnReturn: false }))
    if (parser.push(piece as Uint8Array).some(({ type }) => type === FRAME.DONE)) return;
}

/** Reads LOG frames to the end of the pipe; `pause` is awaited after each piece. */
async function readAll(pipe: Duplex, pause?: (bytes: number) => Promise<void>): Promise<Seen> {
  const parser = createFrameParser();
  const hashes = [createHash('sha256'), createHash('sha256')] as const;
  let [bytes, frames, done] = [0, 0, false];
  for await (const piece of pipe) {
    for (const frame of parser.push(piece as Uint8Array)) {
      frames++;
      if (frame.type === FRAME.DONE) done = true;
      if (frame.type !== FRAME.LOG) continue;
      const log = decodeLog(frame);
      hashes[log.stream === 1 ? 0 : 1].update(log.bytes);
      bytes += log.bytes.length;
    }
    await pause?.(bytes);
  }
  return { stdout: hashes[0].digest('hex'), stderr: hashes[1].digest('hex'), bytes, done, frames };
}

function patternHash(length: number): string {
  const hash = createHash('sha256');
  for (let at = 0; at < length; at += MIB) hash.update(pattern(at, Math.min(MIB, length - at)));
  return hash.digest('hex');
}

const EMPTY = createHash('sha256').digest('hex');

test('1 GiB to a slow foreground reader arrive byte for byte, with a bounded supervisor', async (t) => {
  await using world = await makeWorld();
  const size = 1024 * MIB;
  const handle = await world.start(
    [`token=${world.token}`, 'ready=app', `log=1:${size}:60000`, 'done=0', 'exit=0'],
    { waitForReader: true },
  );
  const pipe = await handle.open('app', soon());
  let [largest, pauses] = [0, 0];
  const began = performance.now();
  const seen = await readAll(pipe, async (bytes) => {
    if (bytes < pauses * 32 * MIB) return;
    pauses++;
    // At the very end the kernel still has bytes for us when the supervisor is gone.
    largest = Math.max(largest, await privateMemory(handle.process.pid).catch(() => 0));
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
  t.diagnostic(
    `${Math.round(size / MIB / ((performance.now() - began) / 1000))} MiB/s, ${largest / 1024} KiB private`,
  );
  assert.deepEqual(
    { ...seen, frames: 0 },
    { stdout: patternHash(size), stderr: EMPTY, bytes: size, done: true, frames: 0 },
  );
  assert.ok(largest > 0 && largest <= MIB, `${largest} bytes of private memory`);
  assert.equal((await handle.ended)?.main?.code, 0);
});

test('a million one-byte writes arrive byte for byte', async () => {
  await using world = await makeWorld();
  const size = MIB;
  const handle = await world.start([`token=${world.token}`, `log=2:${size}:1`, 'done=0', 'exit=0'], {
    waitForReader: true,
  });
  const seen = await readAll(await handle.open('app', soon()));
  assert.equal(seen.stderr, patternHash(size));
  assert.equal(seen.done, true);
});

test('a detached flood never blocks the guest', async (t) => {
  await using world = await makeWorld();
  const size = 200 * MIB;
  const began = performance.now();
  const handle = await world.start([`token=${world.token}`, `log=1:${size}:60000`, 'done=0', 'exit=0']);
  assert.equal((await handle.ended)?.main?.code, 0);
  t.diagnostic(`${Math.round(size / MIB / ((performance.now() - began) / 1000))} MiB/s into app.log`);
});

test('waitForReader holds the output back until a reader comes, even when the VM has ended by then', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, 'text=1:early', 'done=7', 'exit=0'], {
    waitForReader: true,
  });
  await statusWhere(handle, ({ phase }) => phase === 'ended');
  const seen = await readAll(await handle.open('app', soon()));
  assert.equal(seen.stdout, createHash('sha256').update('early').digest('hex'));
  assert.equal(seen.done, true);
  assert.equal((await handle.ended)?.main?.code, 7);
});

test('waitForReader: beyond the window the guest waits, and the supervisor sleeps', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, `log=1:${MIB}:1000`, 'done=0', 'exit=0'], {
    waitForReader: true,
  });
  await eventually(
    () => privateMemory(handle.process.pid),
    (bytes) => bytes > LIMIT.WINDOW,
  );
  await untilIdle(handle.process.pid); // no spin while everybody waits
  assert.equal(handle.status().phase, 'starting');
  const seen = await readAll(await handle.open('app', soon()));
  assert.equal(seen.stdout, patternHash(MIB));
});

test('a reader that stops reading and then leaves sets the guest free', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, `log=1:${8 * MIB}:5000`, 'done=0', 'exit=0'], {
    waitForReader: true,
  });
  const pipe = await handle.open('app', soon());
  await once(pipe, 'readable');
  pipe.destroy();
  assert.equal((await handle.ended)?.main?.code, 0);
});

test('the newest reader wins and begins with a whole frame', async () => {
  await using world = await makeWorld();
  const size = 4 * MIB;
  const handle = await world.start([`token=${world.token}`, `log=1:${size}:50000`, 'done=3', 'exit=0'], {
    waitForReader: true,
  });
  const older = await handle.open('app', soon());
  await once(older, 'readable'); // takes what the kernel holds, and no more
  const newer = await handle.open('app', soon());
  const closed = once(older.resume(), 'close');
  const seen = await readAll(newer); // throws where a frame is not whole
  await closed;
  assert.equal(seen.done, true);
  assert.ok(seen.bytes < size);
});

test('single bytes of both streams in turn: the end is known before anybody reads, and every byte arrives', async (t) => {
  await using world = await makeWorld();
  const handle = await world.start(
    [`token=${world.token}`, 'empty=50000', `weave=${LIMIT.WINDOW}`, 'done=6', 'exit=0'],
    { waitForReader: true },
  );
  const { exit } = await statusWhere(handle, ({ phase }) => phase === 'ended');
  assert.equal(exit?.main?.code, 6);
  t.diagnostic(`${(await privateMemory(handle.process.pid)) / 1024} KiB private`);
  const seen = await readAll(await handle.open('app', soon()));
  const halves = [0, 1].map((half) => pattern(0, LIMIT.WINDOW).filter((_, i) => i % 2 === half));
  const hashes = halves.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  assert.deepEqual([seen.stdout, seen.stderr, seen.done], [...hashes, true]);
});

test('the memory that a strange guest took is given back when its bytes are read', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, `weave=${LIMIT.WINDOW}`, 'serve'], {
    waitForReader: true,
  });
  await eventually(
    () => privateMemory(handle.process.pid),
    (bytes) => bytes > 4 * MIB,
  );
  const pipe = await handle.open('app', soon());
  pipe.resume();
  await eventually(
    () => privateMemory(handle.process.pid),
    (bytes) => bytes < MIB,
  );
});

test('the second reader is told of DONE when the first was', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, 'text=1:some', 'done=4', 'serve'], {
    waitForReader: true,
  });
  const first = await handle.open('app', soon());
  await readUntilDone(first);
  const second = await handle.open('app', soon());
  const [piece] = (await once(second, 'data')) as [Uint8Array];
  assert.deepEqual(
    createFrameParser()
      .push(piece)
      .map(({ type }) => type),
    [FRAME.DONE],
  );
});

test('a command ends once, and with a code that there is', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, 'done=3', 'done=4', 'done=70000', 'exit=0']);
  assert.equal((await handle.ended)?.main?.code, 3);
  assert.match(handle.status().notes[0]?.text ?? '', /malformed/);
});

test('a reader who comes after DONE is told of it', async () => {
  await using world = await makeWorld();
  // Frames are taken in their order: where the note is known, DONE is, too.
  const handle = await world.start([
    `token=${world.token}`,
    'text=1:gone',
    'done=4',
    'note=after:done',
    'serve',
  ]);
  await statusWhere(handle, ({ notes }) => notes.length > 0);
  const pipe = await handle.open('app', soon());
  const parser = createFrameParser();
  const [piece] = (await once(pipe, 'data')) as [Uint8Array];
  assert.deepEqual(
    parser.push(piece).map(({ type }) => type),
    [FRAME.DONE],
  );
});

test('kill does not wait for a reader that does not read', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, `log=1:${8 * MIB}:5000`, 'serve'], {
    waitForReader: true,
  });
  const pipe = await handle.open('app', soon());
  await once(pipe, 'readable');
  await handle.kill(soon());
  assert.equal((await handle.ended)?.killed, true);
  pipe.destroy();
});

test('a reader that is slow after the end is waited for, without spinning; its bytes are whole', async () => {
  await using world = await makeWorld();
  const size = LIMIT.WINDOW;
  const handle = await world.start([`token=${world.token}`, `log=1:${size}:5000`, 'done=5', 'exit=0'], {
    waitForReader: true,
  });
  await statusWhere(handle, ({ phase }) => phase === 'ended');
  const pipe = await handle.open('app', soon());
  await once(pipe, 'readable');
  await new Promise((resolve) => setTimeout(resolve, 1500)); // beyond what the other channels are given
  await untilIdle(handle.process.pid);
  const seen = await readAll(pipe);
  assert.equal(seen.stdout, patternHash(size));
  assert.equal(seen.done, true);
  assert.equal((await handle.ended)?.main?.code, 5);
});
