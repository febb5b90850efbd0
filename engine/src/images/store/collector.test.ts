import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { digestHex, digestOf } from '../digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../media-types.ts';
import { putBlob } from './blobs.ts';
import { createCollector } from './collector.ts';
import type { IndexEntry } from './index-file.ts';
import { prepareStore } from './layout.ts';
import { imagePaths } from './paths.ts';

const CONFIG = Buffer.from('{}');
const CONFIG_DIGEST = digestOf(CONFIG);
const MANIFEST = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    config: { mediaType: OCI_CONFIG, digest: CONFIG_DIGEST, size: CONFIG.length },
    layers: [],
  }),
);
const LISTED: IndexEntry = {
  uid: '0123456789abcdef',
  created: '2026-01-01T00:00:00Z',
  manifestDigest: digestOf(MANIFEST),
  manifestType: OCI_MANIFEST,
  manifestSize: MANIFEST.length,
};

/** A store whose collections stand still after they have read the list, until `goOn`. */
async function openStore() {
  const root = await mkdtemp(join(tmpdir(), 'collector-'));
  const paths = imagePaths(root);
  await prepareStore(paths);
  const read = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  let entries: readonly IndexEntry[] = [];
  const garbage = createCollector(paths, {
    read: async () => {
      const seen = entries;
      read.resolve();
      await goOn.promise;
      return seen;
    },
    change: () => Promise.reject(new Error('not asked for')),
  });
  return {
    garbage,
    hasRead: read.promise,
    goOn: goOn.resolve,
    /** As every import: what lacks is stored, then all is listed. */
    bring: async () => {
      for (const document of [CONFIG, MANIFEST]) await putBlob(paths, document);
      entries = [LISTED];
    },
    forget: () => {
      entries = [];
    },
    blobs: async () => new Set(await readdir(paths.blobs)),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

const WHOLE = new Set([CONFIG_DIGEST, LISTED.manifestDigest].map(digestHex));
/** Far more than an import takes that is not held up. */
const TICKS = 2_000;

test('an import that ends while a collection looks keeps its files', async () => {
  await using store = await openStore();
  const held = await store.garbage.hold([CONFIG_DIGEST, LISTED.manifestDigest]);
  const collecting = store.garbage.collect();
  await store.hasRead;

  await store.bring();
  held[Symbol.dispose]();
  store.goOn();
  await collecting;

  assert.deepEqual(await store.blobs(), WHOLE);
});

test('an import that finds its files in the store while a collection is about to remove them keeps them', async () => {
  await using store = await openStore();
  await store.bring();
  store.forget();
  const collecting = store.garbage.collect();
  await store.hasRead;

  const importing = (async () => {
    using _ = await store.garbage.hold([CONFIG_DIGEST, LISTED.manifestDigest]);
    await store.bring();
  })();
  for (let ticks = 0; ticks < TICKS; ticks += 1) await tick();
  store.goOn();
  await collecting;
  await importing;

  assert.deepEqual(await store.blobs(), WHOLE);
});
