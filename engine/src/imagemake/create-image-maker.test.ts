import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { IgniteError, isIgniteError } from '@ignite/api';
import { readContent, readTar, writeTar } from '@ignite/archive';
import { type Commands, hostClock } from '../host/index.ts';
import { createImageMaker, type ImageMakerOptions } from './create-image-maker.ts';
import { archiveLayout } from './oci-layout.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-make-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Stands for mmdebstrap: writes a tree of one file. */
const commands: Commands = {
  run: async (argv) => {
    const target = argv.find((word) => word.endsWith('root.tar')) ?? '';
    const content = Buffer.from('id');
    const tree = writeTar([
      { type: 'file', name: './usr/lib/os-release', size: content.length, content: [content] },
    ]);
    await pipeline(tree, createWriteStream(target));
    return { code: 0, stdout: '', stderr: '' };
  },
};

function maker(options: Partial<ImageMakerOptions> = {}) {
  return createImageMaker({
    commands,
    clock: hostClock(),
    scratch: folder,
    architecture: 'amd64',
    osRelease: 'ID=debian\nVERSION_CODENAME=bookworm\n',
    aptFolder: join(folder, 'none'),
    root: true,
    compression: 'gzip',
    epoch: 1_700_000_000,
    ...options,
  });
}

const request = { distribution: 'debian', report: () => {}, signal: AbortSignal.timeout(120_000) } as const;

test('the layout is whole: every digest fits its blob, and the configuration starts an init', async () => {
  await using made = await maker().machine(request);
  assert.equal(made.reference, 'ignite-debian:bookworm');
  const blob = (digest: string) =>
    readFile(join(made.folder, 'blobs/sha256', digest.slice('sha256:'.length)));
  for (const name of await readdir(join(made.folder, 'blobs/sha256'))) {
    assert.equal(
      createHash('sha256')
        .update(await blob(`sha256:${name}`))
        .digest('hex'),
      name,
    );
  }
  const index = JSON.parse(await readFile(join(made.folder, 'index.json'), 'utf8'));
  assert.equal(index.manifests[0].digest, made.manifestDigest);
  const manifest = JSON.parse((await blob(made.manifestDigest)).toString());
  const config = JSON.parse((await blob(manifest.config.digest)).toString());
  assert.deepEqual(config.config.Cmd, ['/sbin/init']);
  const layer = gunzipSync(await blob(manifest.layers[0].digest));
  assert.equal(`sha256:${createHash('sha256').update(layer).digest('hex')}`, config.rootfs.diff_ids[0]);
});

test('the same packages give the same image, and disposing leaves nothing', async () => {
  const digests: string[] = [];
  for (let i = 0; i < 2; i += 1) {
    await using made = await maker().machine(request);
    digests.push(made.manifestDigest);
  }
  assert.equal(digests[0], digests[1]);
  assert.deepEqual(await readdir(folder), []);
});

test('the archive of a layout holds its files', async () => {
  await using made = await maker().machine({ ...request, suite: 'trixie', reference: 'mine' });
  assert.equal(made.reference, 'mine:latest');
  const names: string[] = [];
  for await (const entry of readTar(archiveLayout(made.folder))) {
    names.push(entry.name);
    if (entry.name === 'oci-layout') {
      assert.equal((await readContent(entry, 100)).toString(), '{"imageLayoutVersion":"1.0.0"}');
    }
  }
  assert.equal(names.filter((name) => /^blobs\/sha256\/[0-9a-f]{64}$/.test(name)).length, 3);
  assert.ok(names.includes('index.json'));
});

test('what a caller gives cannot become an option or another source', async () => {
  const bad = [
    { packages: ['--force'] },
    { packages: ['a,b'] },
    { suite: '../x' },
    { mirror: 'http://m] x main' },
    { mirror: 'file:///etc' },
  ];
  for (const words of bad) {
    await assert.rejects(maker().machine({ ...request, ...words }), (e) =>
      isIgniteError(e, 'imagemake/invalid'),
    );
  }
});

test('a missing mmdebstrap is named, and nothing is left', async () => {
  const missing: Commands = {
    run: () =>
      Promise.reject(new IgniteError('host/program-missing', 'The program mmdebstrap is not installed')),
  };
  await assert.rejects(maker({ commands: missing }).machine(request), (e) =>
    isIgniteError(e, 'imagemake/no-mmdebstrap'),
  );
  assert.deepEqual(await readdir(folder), []);
});
