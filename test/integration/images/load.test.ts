// Images from archives and folders: docker save, OCI archive, OCI layout, and what skopeo makes of them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, symlink as makeLink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { isIgniteError } from '@ignite/api';
import {
  buildImage,
  dockerArchive,
  dockerArchiveWithLayout,
  file,
  ociArchive,
  writeLayout,
} from '../../images/index.ts';
import { assertClean, debugfs, openStore, request } from './fixture.ts';

const execute = promisify(execFile);
const image = () =>
  buildImage({
    layers: [{ entries: [file('a', 'one')] }, { compression: 'zstd', entries: [file('b', 'two')] }],
  });

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

async function temporary(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'load-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a docker save archive, all its names', async () => {
  await using store = await openStore();
  const archive = await dockerArchive(await image(), ['demo:1', 'registry.example/demo:2']);
  const records = await store.images.load({ kind: 'archive', stream: pieces(archive) }, request());
  assert.deepEqual(
    records.map((record) => record.reference),
    ['demo:1', 'registry.example/demo:2'],
  );
  const [record] = records;
  assert.ok(record !== undefined);
  await assertClean(record.base.path);
  assert.equal(await debugfs(record.base.path, 'cat /b'), 'two');
  assert.ok(!(await store.files()).some((path) => path.startsWith('imports/')));
  assert.deepEqual(await store.images.ensure('demo:1', request({ pull: 'never' })), record);
});

test('an archive of a newer Docker has the digest of its layout and the names of its list', async () => {
  await using store = await openStore();
  const built = await image();
  const archive = await dockerArchiveWithLayout(built, ['registry.example/demo:2']);
  const records = await store.images.load({ kind: 'archive', stream: pieces(archive) }, request());
  assert.deepEqual(
    records.map((record) => [record.reference, record.manifestDigest]),
    [['registry.example/demo:2', built.manifest.digest]],
  );
});

test('an OCI archive keeps its digest; a name can be given', async () => {
  await using store = await openStore();
  const built = await image();
  const load = async (name: string | undefined, reference?: string) =>
    store.images.load(
      { kind: 'archive', stream: pieces(await ociArchive(built, name)) },
      { ...request(), ...(reference === undefined ? {} : { reference }) },
    );
  const [named] = await load('demo:1');
  assert.equal(named?.manifestDigest, built.manifest.digest);
  const [given] = await load(undefined, 'other');
  assert.equal(given?.reference, 'other:latest');
  assert.equal(given?.base.path, named?.base.path);
  await assert.rejects(load(undefined), (error) => isIgniteError(error, 'images/bad-archive'));
  const digest = `demo@${built.manifest.digest}`;
  assert.equal((await store.images.find(digest))?.uid, named?.uid);
});

test('an OCI layout folder; links in it are not followed', async () => {
  await temporary(async (folder) => {
    await using store = await openStore();
    const built = await image();
    await writeLayout(built, 'demo:1', folder);
    const [record] = await store.images.load({ kind: 'layout', path: folder }, request());
    assert.equal(record?.reference, 'demo:1');
    const [layer] = built.layers;
    const blob = join(folder, 'blobs', (layer?.digest ?? '').replace(':', '/'));
    await rm(blob);
    await makeLink('/etc/passwd', blob);
    await using other = await openStore();
    const before = await other.files();
    await assert.rejects(other.images.load({ kind: 'layout', path: folder }, request()), (error) =>
      isIgniteError(error, 'images/bad-archive'),
    );
    assert.deepEqual(await other.files(), before);
  });
});

test('what skopeo writes is read, and our store is read by skopeo', async () => {
  await temporary(async (folder) => {
    const layout = join(folder, 'layout');
    await writeLayout(await buildImage({ layers: [{ entries: [file('a', 'one')] }] }), 'demo:1', layout);
    await using store = await openStore();
    for (const form of ['docker-archive', 'oci-archive']) {
      const path = join(folder, form);
      await execute('skopeo', [
        'copy',
        '--insecure-policy',
        `oci:${layout}:demo:1`,
        `${form}:${path}:from/${form}:1`,
      ]);
      const [record] = await store.images.load(
        { kind: 'archive', stream: createReadStream(path) },
        request(),
      );
      assert.equal(record?.reference, `from/${form}:1`);
    }
    const ours = join(store.state, 'images', 'oci');
    const { stdout } = await execute('skopeo', ['inspect', `oci:${ours}:docker.io/from/oci-archive:1`]);
    assert.match(stdout, /"Architecture"/);
  });
});

test('an archive that cannot fit is refused before it is read', async () => {
  await using store = await openStore();
  let read = false;
  const stream = (async function* () {
    read = true;
    yield await ociArchive(await image(), 'demo:1');
  })();
  await assert.rejects(
    store.images.load({ kind: 'archive', stream }, { ...request(), bytes: 2 ** 50 }),
    (error) => isIgniteError(error, 'host/disk-full') && /MiB are free/.test(error.message),
  );
  assert.equal(read, false);
});

test('archives that are none', async () => {
  await using store = await openStore();
  const before = await store.files();
  const whole = await ociArchive(await image(), 'demo:1');
  for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), whole.subarray(0, whole.length / 2)])
    await assert.rejects(store.images.load({ kind: 'archive', stream: pieces(bytes) }, request()), (error) =>
      isIgniteError(error, 'images/bad-archive'),
    );
  assert.deepEqual(await store.files(), before);
});

test('an image of another machine is refused, naming both', async () => {
  await using store = await openStore();
  const archive = await ociArchive(await buildImage({ layers: [], architecture: 's390x' }), 'demo:1');
  await assert.rejects(
    store.images.load({ kind: 'archive', stream: pieces(archive) }, request()),
    (error) =>
      isIgniteError(error, 'images/wrong-architecture') && /s390x.*(amd64|arm64)/.test(error.message),
  );
});
