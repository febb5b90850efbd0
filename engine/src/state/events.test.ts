import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { EventBody } from '@ignite/api';
import { hostClock } from '../host/index.ts';
import { openEvents } from './events.ts';
import type { Events } from './port.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-events-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = (segmentBytes = 1 << 20, segments = 16) =>
  openEvents(folder, hostClock(), { segmentBytes, segments });
const event = (action: string) => ({ kind: 'vm', action, attributes: {} });

async function all(events: Events, since: number): Promise<EventBody[]> {
  const signal = AbortSignal.timeout(120_000);
  return collect(events.read({ since, follow: false, signal }));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const brief = (events: readonly EventBody[]) => events.map((one) => `${one.seq} ${one.action}`);

test('events have numbers and are read from any of them', async () => {
  const events = await open();
  for (const action of ['create', 'start', 'die']) events.emit(event(action));
  assert.deepEqual(brief(await all(events, 0)), ['1 create', '2 start', '3 die']);
  assert.deepEqual(brief(await all(events, 2)), ['3 die']);
  assert.deepEqual(await all(events, 3), []);
});

test('numbers go on after a restart, half a line at the end is cut off', async () => {
  const first = await open();
  first.emit(event('a'));
  first.emit(event('b'));
  await first.flush();
  await appendFile(join(folder, 'events', '0000000000000001.jsonl'), '{"seq":3,"ti');
  const second = await open();
  assert.equal(second.last(), 2);
  second.emit(event('c'));
  assert.deepEqual(brief(await all(second, 0)), ['1 a', '2 b', '3 c']);
});

test('a follower gets what is there and what comes, and ends with its signal', async () => {
  const events = await open();
  events.emit(event('1'));
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const one of events.read({ since: 0, follow: true, signal: stop.signal })) {
    seen.push(one.action);
    if (one.seq < 50) events.emit(event(String(one.seq + 1)));
    else stop.abort();
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 50 }, (_, index) => String(index + 1)),
  );
});

test('a follower that waits is ended by its signal', async () => {
  const events = await open();
  const stop = new AbortController();
  const reading = collect(events.read({ since: 0, follow: true, signal: stop.signal }));
  setImmediate(() => stop.abort());
  assert.deepEqual(await reading, []);
});

test('the store is bounded, and who falls off the end gets one gap', async () => {
  const events = await open(300, 3);
  for (let index = 0; index < 40; index += 1) {
    events.emit(event('x'));
    await events.flush();
  }
  assert.equal((await readdir(join(folder, 'events'))).length, 3);
  const read = await all(events, 5);
  const [first, second] = read;
  assert.equal(first?.kind, 'gap');
  assert.equal(first?.attributes['from'], '6');
  assert.equal(Number(first?.attributes['to']) + 1, second?.seq);
  assert.equal(first?.seq, Number(first?.attributes['to']));
  assert.equal(read.at(-1)?.seq, 40);
  assert.equal(read.filter((one) => one.kind === 'gap').length, 1);
  assert.equal((await open(300, 3)).last(), 40);
});

test('a slow follower sees every event of several segments in order', async () => {
  const events = await open(500, 100);
  const stop = AbortSignal.timeout(120_000);
  const seqs: number[] = [];
  for (let index = 0; index < 30; index += 1) events.emit(event('x'));
  for await (const one of events.read({ since: 0, follow: true, signal: stop })) {
    seqs.push(one.seq);
    if (one.seq === 10) for (let index = 0; index < 30; index += 1) events.emit(event('y'));
    if (one.seq === 60) break;
  }
  assert.deepEqual(
    seqs,
    Array.from({ length: 60 }, (_, index) => index + 1),
  );
});

test('a number from the future is answered by a gap', async () => {
  const events = await open();
  events.emit(event('a'));
  assert.deepEqual(brief(await all(events, 99)), ['1 gap']);
});

test('a log that cannot be written leaves a gap and stops nobody', async () => {
  const events = await open();
  events.emit(event('a'));
  await events.flush();
  await rm(join(folder, 'events'), { recursive: true });
  events.emit(event('lost'));
  await events.flush();
  assert.equal(events.last(), 2);
});
