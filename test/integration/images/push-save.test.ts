// Images on their way out: pushed to Debian's registry, saved as archives that skopeo and we read, logins checked.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { zstdCompressSync, gzipSync } from 'node:zlib';
import { isIgniteError } from '@ignite/api';
import { buildImage, directory, file, ociArchive, tarOf } from '../../images/index.ts';
import { startDockerRegistry, startFakeRegistry } from '../../registry/index.ts';
import { HTPASSWD } from './htpasswd.ts';
import { assertClean, debugfs, openStore, request, type Store } from './fixture.ts';

const execute = promisify(execFile);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const image = (text: string) =>
  buildImage({
    layers: [
      { entries: [file('shared', 'the same in every image')] },
      { compression: 'zstd', entries: [file('own', text)] },
    ],
  });

async function load(store: Store, name: string, text = name) {
  const archive = await ociArchive(await image(text), name);
  const [record] = await store.images.load({ kind: 'archive', stream: once(archive) }, request());
  assert.ok(record !== undefined);
  return record;
}

test('an image is pushed, what is there already is not sent again, and it comes back the same', async () => {
  await using registry = await startDockerRegistry();
  await using store = await openStore();
  const record = await load(store, 'demo:1');
  const first = request();
  const pushed = await store.images.push('demo:1', `${registry.host}/team/demo`, first);
  assert.deepEqual(pushed, {
    reference: `${registry.host}/team/demo:latest`,
    digest: record.manifestDigest,
    size: pushed.size,
  });
  const labels = (made: typeof first) =>
    made.progress.flatMap((event) => (event.kind === 'bytes' ? [event.label] : []));
  assert.ok(labels(first).every((label) => label.endsWith('Pushing')));
  const again = request();
  await store.images.push('demo:1', `${registry.host}/team/demo:2`, again);
  assert.ok(labels(again).every((label) => label.endsWith('Already there')));
  await store.images.tag('demo:1', `${registry.host}/team/demo:latest`);
  const mounted = request();
  await store.images.push(`${registry.host}/team/demo:latest`, `${registry.host}/other/demo:1`, mounted);
  assert.ok(labels(mounted).every((label) => label.endsWith('Mounted')));
  await using fresh = await openStore();
  const back = await fresh.images.ensure(`${registry.host}/other/demo:1`, request());
  assert.equal(back.manifestDigest, record.manifestDigest);
});

test('an image without a place to go is refused before anything is sent', async () => {
  await using store = await openStore();
  await assert.rejects(store.images.push('nothing:1', undefined, request()), (error) =>
    isIgniteError(error, 'images/not-found'),
  );
});

test('passwords: push and login with the right one, with a wrong one, with none', async () => {
  await using registry = await startDockerRegistry({ htpasswd: HTPASSWD });
  await using store = await openStore({ registry: { attempts: 1 } });
  await load(store, 'demo:1');
  const signal = AbortSignal.timeout(180_000);
  const login = (password: string) => ({ registry: registry.host, username: 'joe', password });
  const unauthorized = (error: unknown) => isIgniteError(error, 'images/unauthorized');
  await store.images.login(login('secret'), { signal });
  await assert.rejects(store.images.login(login('wrong'), { signal }), unauthorized);
  const target = `${registry.host}/a/b:1`;
  await assert.rejects(store.images.push('demo:1', target, request()), unauthorized);
  await assert.rejects(
    store.images.push('demo:1', target, request({ credentials: [login('wrong')] })),
    unauthorized,
  );
  await store.images.push('demo:1', target, request({ credentials: [login('secret')] }));
});

test('a token registry: login and its failures', async () => {
  await using registry = await startFakeRegistry();
  await using store = await openStore({ registry: { attempts: 1 } });
  const signal = AbortSignal.timeout(180_000);
  await store.images.login({ registry: registry.host, username: 'a', password: 'b' }, { signal });
  await assert.rejects(
    store.images.login({ registry: '127.0.0.1:1', username: 'a', password: 'b' }, { signal }),
    (error) => isIgniteError(error, 'images/registry-down'),
  );
});

test('an image that is removed while it is saved is saved whole', async () => {
  await using store = await openStore();
  await load(store, 'gone:1');
  const stream = await store.images.save(['gone:1']);
  await store.images.remove('gone:1', () => false);
  await assert.rejects(store.images.save(['gone:1']), (error) => isIgniteError(error, 'images/not-found'));
  await using other = await openStore();
  const [record] = await other.images.load({ kind: 'archive', stream }, request());
  assert.equal(record?.reference, 'gone:1');
  await store.images.prune({ all: true, inUse: () => false });
  assert.deepEqual(
    (await store.files()).filter((path) => path.includes('/blobs/')),
    [],
  );
});

test('a saved archive is read by us and by skopeo, names and digests kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'save-'));
  try {
    await using store = await openStore();
    const one = await load(store, 'one:1');
    const two = await load(store, 'registry.example/two:2');
    const path = join(folder, 'images.tar');
    await writeFile(path, await store.images.save(['one:1', 'registry.example/two:2', 'one:1']));
    await using other = await openStore();
    const { createReadStream } = await import('node:fs');
    const records = await other.images.load({ kind: 'archive', stream: createReadStream(path) }, request());
    assert.deepEqual(
      records.map((record) => [record.reference, record.manifestDigest]),
      [one, two].map((record) => [record.reference, record.manifestDigest]),
    );
    const single = join(folder, 'one.tar');
    await writeFile(single, await store.images.save([one.uid]));
    for (const form of ['oci-archive', 'docker-archive']) {
      const { stdout } = await execute('skopeo', ['inspect', `${form}:${single}`]);
      assert.match(stdout, /"Architecture"/);
    }
    await assert.rejects(store.images.save(['one:1', 'missing:1']), (error) =>
      isIgniteError(error, 'images/not-found'),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a root file system becomes an image; the same tar the same image; compressed or not', async () => {
  await using store = await openStore();
  const tar = await tarOf([directory('bin/'), file('bin/hello', 'x', { mode: 0o755 })]);
  const rootfs = async (bytes: Uint8Array, reference: string) =>
    store.images.load(
      { kind: 'rootfs', stream: once(bytes), config: { cmd: ['/bin/hello'], env: ['A=1'] } },
      { ...request(), reference },
    );
  const [plain] = await rootfs(tar, 'root:1');
  assert.ok(plain !== undefined);
  assert.deepEqual([plain.config.cmd, plain.config.env], [['/bin/hello'], ['A=1']]);
  await assertClean(plain.base.path);
  assert.equal(await debugfs(plain.base.path, 'cat /bin/hello'), 'x');
  for (const bytes of [gzipSync(tar), zstdCompressSync(tar)])
    assert.equal((await rootfs(bytes, 'root:2'))[0]?.manifestDigest, plain.manifestDigest);
  const before = await store.files();
  await assert.rejects(
    rootfs(Buffer.from('fd377a585a0000', 'hex'), 'root:3'),
    (error) => isIgniteError(error, 'images/bad-archive') && /xz -dc/.test(error.message),
  );
  await assert.rejects(rootfs(Buffer.from('no tar at all, but long enough'), 'root:3'));
  assert.deepEqual(await store.files(), before);
});

test('a compressed docker archive is loaded as docker loads it', async () => {
  await using store = await openStore();
  const archive = gzipSync(await ociArchive(await image('z'), 'zipped:1'));
  const [record] = await store.images.load({ kind: 'archive', stream: once(archive) }, request());
  assert.equal(record?.reference, 'zipped:1');
});

test('an image that a VM is being made from stays', async () => {
  await using store = await openStore();
  const { manifestDigest, uid } = await load(store, 'held:1');
  {
    using _ = await store.images.hold(manifestDigest);
    assert.deepEqual((await store.images.prune({ all: true, inUse: () => false })).images, []);
    await store.images.tag('held:1', 'other:1');
    await store.images.remove('other:1', () => false); // a name among several is no loss
    await assert.rejects(
      store.images.remove(uid, () => false),
      (error) => isIgniteError(error, 'images/held'),
    );
  }
  const inUse = (digest: string) => digest === manifestDigest;
  await assert.rejects(store.images.remove(uid, inUse), (error) => isIgniteError(error, 'images/held'));
  await store.images.remove(uid, () => false);
  assert.deepEqual(await store.images.list(), []);
});

test('an image is held for a VM or removed, never both', async () => {
  await using store = await openStore();
  for (const held of ['before the removal looks', 'after it has looked']) {
    const { manifestDigest, uid, base } = await load(store, 'wanted:1');
    const looked = Promise.withResolvers<void>();
    const removing = store.images.remove(uid, () => {
      looked.resolve();
      return false;
    });
    removing.catch(() => {});
    if (held === 'after it has looked') await looked.promise;
    const [holding, removal] = await Promise.allSettled([store.images.hold(manifestDigest), removing]);
    assert.notEqual(holding.status, removal.status, held);
    assert.equal(
      (await stat(base.path).catch(() => undefined)) !== undefined,
      holding.status === 'fulfilled',
    );
    if (holding.status === 'fulfilled') holding.value[Symbol.dispose]();
  }
});

test('prune -a spares what is in use and tells how much is free again', async () => {
  await using store = await openStore();
  const used = await load(store, 'used:1');
  const idle = await load(store, 'idle:1');
  const { freed, images } = await store.images.prune({
    all: true,
    inUse: (digest) => digest === used.manifestDigest,
  });
  assert.deepEqual(images, [{ uid: idle.uid, reference: 'idle:1' }]);
  assert.ok(freed > 0);
  assert.deepEqual(
    (await store.images.list()).map((record) => record.reference),
    ['used:1'],
  );
  assert.equal((await readdir(join(store.state, 'images', 'base'))).length, 1);
});
