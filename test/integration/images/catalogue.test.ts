// Names and their images: tags, moved tags, removal, shared layers, several machines, exported files.
import assert from 'node:assert/strict';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import {
  ARCHITECTURE,
  type BuiltImage,
  buildImage,
  buildIndex,
  directory,
  file,
  symlink,
} from '../../images/index.ts';
import { startFakeRegistry } from '../../registry/index.ts';
import { openStore, request } from './fixture.ts';

const shared = { entries: [file('shared', 'the same in both')] };
const image = (text: string): Promise<BuiltImage> =>
  buildImage({ layers: [shared, { entries: [file('own', text)] }] });

test('RMI-04: tag, remove: blobs and disk stay while a name needs them', async () => {
  await using registry = await startFakeRegistry();
  registry.add('a/app', '1', await image('one'));
  registry.add('a/app', '2', await image('two'));
  await using store = await openStore();
  const name = `${registry.host}/a/app`;
  const one = await store.images.ensure(`${name}:1`, request());
  const fetched = registry.seen.filter((seen) => seen.path.includes('/blobs/')).length;
  await store.images.ensure(`${name}:2`, request());
  // Configuration and own layer; the shared layer is here.
  assert.equal(registry.seen.filter((seen) => seen.path.includes('/blobs/')).length - fetched, 2);
  const tagged = await store.images.tag(`${name}:1`, 'mine');
  assert.deepEqual([tagged.reference, tagged.base.path], ['mine:latest', one.base.path]);
  assert.notEqual(tagged.uid, one.uid);
  await store.images.remove(`${name}:1`, () => false);
  assert.equal(await store.images.find(`${name}:1`), undefined);
  assert.equal((await readFile(one.base.path)).length, one.base.bytes);
  await store.images.remove('mine', () => false);
  await assert.rejects(readFile(one.base.path));
  assert.equal((await store.images.list()).length, 1);
  const blobs = await readdir(join(store.state, 'images', 'oci', 'blobs', 'sha256'));
  assert.equal(blobs.length, 4);
  await assert.rejects(
    store.images.remove('mine', () => false),
    (error) => isIgniteError(error, 'images/not-found'),
  );
});

test('RMI-02: a moved tag changes nothing until it is pulled again; the old image stays until it is pruned', async () => {
  await using registry = await startFakeRegistry();
  registry.add('a/app', 'latest', await image('old'));
  await using store = await openStore();
  const name = `${registry.host}/a/app`;
  const old = await store.images.ensure(name, request());
  registry.add('a/app', 'latest', await image('new'));
  assert.equal((await store.images.ensure(name, request())).manifestDigest, old.manifestDigest);
  const fresh = await store.images.ensure(name, request({ pull: 'always' }));
  assert.notEqual(fresh.manifestDigest, old.manifestDigest);
  assert.equal((await store.images.list()).length, 1);
  assert.equal((await store.images.find(old.uid))?.reference, '<none>');
  assert.deepEqual(
    (await store.images.prune({ all: false, inUse: (digest) => digest === old.manifestDigest })).images,
    [],
  );
  assert.deepEqual((await store.images.prune({ all: false, inUse: () => false })).images, [{ uid: old.uid }]);
  await assert.rejects(readFile(old.base.path));
  assert.equal((await store.images.ensure(name, request({ pull: 'always' }))).uid, fresh.uid);
});

test('an image that shares layers with one already here downloads only what is new', async () => {
  await using registry = await startFakeRegistry();
  const base = { entries: [file('base', 'the same in both')] };
  const one = await buildImage({ layers: [base, { entries: [file('own', 'one')] }] });
  const two = await buildImage({ layers: [base, { entries: [file('own', 'two')] }] });
  registry.add('a/one', '1', one);
  registry.add('a/two', '1', two);
  await using store = await openStore();
  await store.images.ensure(`${registry.host}/a/one:1`, request());
  registry.seen.splice(0);
  await store.images.ensure(`${registry.host}/a/two:1`, request());
  const fetched = registry.seen.map(({ path }) => /blobs\/(.*)$/.exec(path)?.[1]).filter(Boolean);
  assert.deepEqual(fetched.toSorted(), [two.config.digest, two.layers[1]?.digest].toSorted());
});

test('an index gives the image of this machine, and digests are kept', async () => {
  await using registry = await startFakeRegistry();
  const [mine, other] = [await image('mine'), await buildImage({ layers: [], architecture: 's390x' })];
  const index = buildIndex([
    { image: other, platform: { os: 'linux', architecture: 's390x' } },
    { image: mine, platform: { os: 'linux', architecture: ARCHITECTURE } },
    { image: other, platform: { os: 'unknown', architecture: 'unknown' } },
  ]);
  registry.add('a/multi', 'x', mine);
  registry.addDocument('a/multi', '1', index);
  await using store = await openStore();
  const name = `${registry.host}/a/multi`;
  const record = await store.images.ensure(`${name}:1@${index.digest}`, request());
  assert.equal(record.manifestDigest, mine.manifest.digest);
  assert.equal(record.reference, `${name}:1@${index.digest}`);
  registry.seen.length = 0;
  await store.images.ensure(`${name}:1@${index.digest}`, request());
  assert.equal(registry.seen.length, 0);
  registry.addDocument(
    'a/multi',
    '2',
    buildIndex([{ image: other, platform: { os: 'linux', architecture: 's390x' } }]),
  );
  await assert.rejects(
    store.images.ensure(`${name}:2`, request()),
    (error) => isIgniteError(error, 'images/wrong-architecture') && /s390x/.test(error.message),
  );
});

test('files of a kernel image are exported, through its links, and nothing of the image stays', async () => {
  await using registry = await startFakeRegistry();
  const kernel = await buildImage({
    layers: [
      {
        entries: [
          file('boot/vmlinux-6.1', 'old kernel'),
          symlink('boot/vmlinux', 'vmlinux-6.1'),
          symlink('lib', 'usr/lib'),
          directory('usr/lib/modules/6.1'),
          file('usr/lib/modules/6.1/a.ko', 'module'),
          file('usr/lib/secret', 'x'),
        ],
      },
      {
        entries: [
          file('boot/vmlinux-6.1', 'kernel'),
          file('lib/modules/6.1/b.ko', 'later'),
          symlink('boot/evil', '/etc'),
        ],
      },
    ],
  });
  registry.add('k/kernel', '1', kernel);
  await using store = await openStore();
  const before = await store.files();
  {
    await using files = await store.images.exportFiles(
      `${registry.host}/k/kernel:1`,
      ['/boot', '/lib/modules', '/none'],
      request(),
    );
    assert.equal(files.manifestDigest, kernel.manifest.digest);
    assert.equal(await readFile(join(files.path, 'boot/vmlinux-6.1'), 'utf8'), 'kernel');
    assert.equal(await readlink(join(files.path, 'boot/vmlinux')), 'vmlinux-6.1');
    assert.equal(await readlink(join(files.path, 'boot/evil')), '/etc');
    assert.deepEqual((await readdir(join(files.path, 'lib/modules/6.1'))).sort(), ['a.ko', 'b.ko']);
    assert.deepEqual((await readdir(files.path)).sort(), ['boot', 'lib']);
    assert.deepEqual(await readdir(join(files.path, 'lib')), ['modules']);
  }
  assert.deepEqual(await store.files(), before);
});
