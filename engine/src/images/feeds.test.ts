import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { hostClock } from '../host/index.ts';
import { createLimiter } from '../work/index.ts';
import { createFeeds, type Feed, type Feeds } from './feeds.ts';
import { LOOK_MS } from './watch-pace.ts';
import type { RegistrySession } from './registry/index.ts';
import { type ImagePaths, imagePaths, prepareStore } from './store/index.ts';

const MOST = 300;
const MANY_TICKS = 50;
const BYTES = Buffer.from('a layer of forty-two bytes, in two pieces.\n');
const BLOB = {
  digest: `sha256:${createHash('sha256').update(BYTES).digest('hex')}`,
  size: BYTES.length,
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
};

/** A registry that counts how often the blob was asked for. */
function session(asked: { times: number }): RegistrySession {
  return {
    registry: 'registry.test',
    mirrored: false,
    avoid: () => false,
    retain: () => ({ [Symbol.dispose]: () => {} }),
    manifest: () => Promise.reject(new Error('not asked for')),
    blob: async (_digest, offset) => {
      asked.times += 1;
      return { offset, body: pieces(offset) };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function* pieces(offset: number): AsyncGenerator<Uint8Array> {
  await tick();
  yield BYTES.subarray(offset, 20);
  await tick();
  yield BYTES.subarray(Math.max(offset, 20));
}

describe('feeds of a store', () => {
  test('whoever comes while a blob moves into the store reads it whole, and the store keeps it whole', async () => {
    const root = await mkdtemp(join(tmpdir(), 'feeds-'));
    try {
      for (let round = 0; round < 4; round++) await comeAtEachTick(join(root, `${round}`));
    } finally {
      await rm(root, { recursive: true });
    }
  });
});

test('whoever comes while a download that was given up still moves into the store reads it whole', async () => {
  const root = await mkdtemp(join(tmpdir(), 'feeds-'));
  try {
    // At each tick at first, then ever more rarely: on a slow disk there are many before it is whole.
    for (let ticks = 0, whole = false; !whole; ticks = ticks < MANY_TICKS ? ticks + 1 : ticks * 2)
      whole = await giveUpAfter(ticks, join(root, `${ticks}`));
  } finally {
    await rm(root, { recursive: true });
  }
});

test('who expects another size of a blob, or asks another registry, shares neither faults nor waits', async () => {
  const root = await mkdtemp(join(tmpdir(), 'feeds-'));
  try {
    const paths = imagePaths(root);
    await prepareStore(paths);
    const feeds = openFeeds(paths);
    const caller = { report: () => {}, signal: AbortSignal.timeout(60_000) };
    const asked = { times: 0 };
    const silent: RegistrySession = {
      ...session(asked),
      registry: 'silent.test',
      blob: (_digest, _offset, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    };
    const gone = new AbortController();
    const liars = [
      await feeds.open(BLOB, silent, { ...caller, signal: gone.signal }),
      await feeds.open({ ...BLOB, size: BLOB.size + 1 }, session(asked), caller),
      await feeds.open({ ...BLOB, size: BLOB.size - 1 }, session(asked), caller),
    ];

    await readWhole(await feeds.open(BLOB, session(asked), caller));

    gone.abort();
    for (const liar of liars) {
      await assert.rejects(liar.done);
      await liar[Symbol.asyncDispose]();
    }
    assert.deepEqual(await readFile(paths.blob(BLOB.digest)), BYTES);
    assert.deepEqual(await readdir(join(paths.imports, 'blobs')), []);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('downloads that hardly come on keep no place from others, and go on', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const root = await mkdtemp(join(tmpdir(), 'feeds-'));
  t.after(() => rm(root, { recursive: true }));
  const paths = imagePaths(root);
  await prepareStore(paths);
  const limiter = createLimiter(1);
  const feeds = createFeeds({ paths, clock: hostClock(), attempts: 1, backoffMs: 1, limiter });
  const caller = { report: () => {}, signal: AbortSignal.timeout(60_000) };
  const [asked, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const dripping: RegistrySession = {
    ...session({ times: 0 }),
    registry: 'dripping.test',
    blob: async (_digest, offset) => {
      asked.resolve();
      await goOn.promise;
      return { offset, body: pieces(offset) };
    },
  };
  await using slow = await feeds.open(BLOB, dripping, caller);
  await asked.promise; // it has the place
  t.mock.timers.tick(LOOK_MS);

  await readWhole(await feeds.open(BLOB, session({ times: 0 }), caller));
  goOn.resolve();
  await slow.done;
});

/** One gives up after so many ticks, and another comes at once. @returns whether it was whole before it was given up */
async function giveUpAfter(ticks: number, root: string): Promise<boolean> {
  const paths = imagePaths(root);
  await prepareStore(paths);
  const feeds = openFeeds(paths);
  const asked = { times: 0 };
  const first = new AbortController();
  const one = await feeds.open(BLOB, session(asked), { report: () => {}, signal: first.signal });
  for (let tock = 0; tock < ticks; tock += 1) await tick();
  first.abort();
  const other = feeds.open(BLOB, session(asked), { report: () => {}, signal: AbortSignal.timeout(60_000) });
  const whole = one.done.then(
    () => true,
    () => false,
  );
  await readWhole(await other);
  const before = await whole;
  await one[Symbol.asyncDispose]();
  return before;
}

async function comeAtEachTick(root: string): Promise<void> {
  const paths = imagePaths(root);
  await prepareStore(paths);
  const feeds = openFeeds(paths);
  const asked = { times: 0 };
  const caller = { report: () => {}, signal: AbortSignal.timeout(60_000) };
  const come = () => feeds.open(BLOB, session(asked), caller);
  const comers = [come()];
  const stored = comers[0]?.then((feed) => feed.done).then(() => true);
  // On a disk that stands still there are more ticks than files that a process may have open.
  while (!(await Promise.race([stored, tick(false)]))) if (comers.length < MOST) comers.push(come());

  for (const feed of await Promise.all(comers)) await readWhole(feed);

  assert.equal(asked.times, 1);
  assert.deepEqual(await readFile(paths.blob(BLOB.digest)), BYTES);
  assert.deepEqual(await readdir(join(paths.imports, 'blobs')), []);
}

function openFeeds(paths: ImagePaths): Feeds {
  const limiter = createLimiter(4);
  return createFeeds({ paths, clock: hostClock(), attempts: 1, backoffMs: 1, limiter });
}

async function readWhole(feed: Feed): Promise<void> {
  await using open = feed;
  await open.done;
  assert.equal(open.available(), BYTES.length);
  const found = Buffer.alloc(BYTES.length + 1);
  const { bytesRead } = await open.file.read(found, 0, found.length, 0);
  assert.deepEqual(found.subarray(0, bytesRead), BYTES);
}
