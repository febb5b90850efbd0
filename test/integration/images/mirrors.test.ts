// Mirrors that lie: what they send never gets into the store, and the registry behind them is asked.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { buildImage, file } from '../../images/index.ts';
import { type FakeRegistry, type Fault, startFakeRegistry } from '../../registry/index.ts';
import { assertClean, openStore, request, type Store } from './fixture.ts';

const SIZE = 300_000;
const layer = () => ({ entries: [file('big', randomBytes(SIZE))], compression: 'none' as const });
const [first, second, third] = [layer(), layer(), layer()];
const image = await buildImage({ layers: [first, second] });
const sharing = await buildImage({ layers: [first, third] });
const last = image.layers.at(-1);
assert.ok(last !== undefined);

interface World extends AsyncDisposable {
  readonly registry: FakeRegistry;
  readonly mirror: FakeRegistry;
  readonly store: Store;
  readonly reference: string;
}

async function world(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const registry = stack.use(await startFakeRegistry());
  const mirror = stack.use(await startFakeRegistry());
  for (const place of [registry, mirror]) place.add('team/app', '1', image);
  const mirrors = { [registry.host]: [mirror.url] };
  const store = stack.use(await openStore({ registry: { mirrors, attempts: 3 } }));
  const ending = stack.move();
  return {
    ...{ registry, mirror, store, reference: `${registry.host}/team/app:1` },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
}

/** Every blob is what its name says, and nothing is left of an import. */
async function assertWhole({ state, files }: Store): Promise<void> {
  const blobs = join(state, 'images/oci/blobs/sha256');
  for (const name of await readdir(blobs)) {
    const bytes = await readFile(join(blobs, name));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), name);
  }
  assert.deepEqual(
    (await files()).filter((path) => path.startsWith('imports/')).map((path) => basename(path)),
    [],
  );
}

const ofLast = (fault: Fault) => (path: string) => (path.endsWith(last.digest) ? fault : undefined);
const wrong = randomBytes(last.size);
const LIES: readonly (readonly [string, (path: string) => Fault | undefined])[] = [
  ['other bytes of a layer', ofLast({ bytes: wrong })],
  ['the beginning of a layer as if it were all', ofLast({ bytes: last.bytes.subarray(0, 1000) })],
  ['a layer that breaks at one place each time', ofLast({ cutAfter: 0 })],
  [
    'other bytes of the configuration',
    (path) => (path.endsWith(image.config.digest) ? { bytes: wrong } : undefined),
  ],
  [
    'a page where the manifest should be',
    (path) =>
      path.includes('/manifests/')
        ? { bytes: Buffer.from('<html>log in</html>'), headers: { 'content-type': 'text/html' } }
        : undefined,
  ],
];

describe('a mirror that serves wrong bytes hides no registry', () => {
  for (const [name, lie] of LIES)
    test(name, async () => {
      await using w = await world();
      w.mirror.misbehave = ({ path }) => lie(path);
      const { base } = await w.store.images.ensure(w.reference, request());
      await assertClean(base.path);
      await assertWhole(w.store);
      assert.ok(w.mirror.seen.some(({ path }) => lie(path) !== undefined));
    });
});

test('the user is told which mirror it was; two images that share its layer both come', async () => {
  await using w = await world();
  for (const place of [w.registry, w.mirror]) place.add('team/app', '2', sharing);
  w.mirror.misbehave = ({ path }) => (path.includes('/blobs/') ? { bytes: wrong } : undefined);
  const asked = [request(), request()];
  const references = [w.reference, w.reference.replace(/1$/, '2')];
  await Promise.all(
    references.map((reference, n) => w.store.images.ensure(reference, asked[n] ?? request())),
  );
  await assertWhole(w.store);
  const notes = asked.flatMap(({ progress }) => progress).filter(({ kind }) => kind === 'note');
  assert.ok(notes.some((note) => JSON.stringify(note).includes(w.mirror.host)));
});

test('where the registry is wrong, too, that is the error, and nothing is left', async () => {
  await using w = await world();
  const before = await w.store.files();
  for (const place of [w.mirror, w.registry]) place.misbehave = ({ path }) => ofLast({ bytes: wrong })(path);
  await assert.rejects(
    w.store.images.ensure(w.reference, request()),
    (error) => isIgniteError(error, 'images/digest-mismatch') && error.message.includes(w.registry.host),
  );
  assert.deepEqual(await w.store.files(), before);
});
