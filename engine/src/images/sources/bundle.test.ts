import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { defaultLimits } from '../limits.ts';
import { folderBundle } from './bundle.ts';
import { dockerImages } from './docker-bundle.ts';
import { ociImages } from './oci-bundle.ts';

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'bundle-'));
  try {
    await mkdir(join(root, 'layout/blobs'), { recursive: true });
    await use(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

test('neither a name nor a link leads out of a layout folder', async () => {
  await inFolder(async (root) => {
    await writeFile(join(root, 'secret'), 'secret');
    await writeFile(join(root, 'layout/blobs/one'), 'one');
    await symlink(root, join(root, 'layout/out'));
    await symlink(join(root, 'secret'), join(root, 'layout/link'));
    const bundle = folderBundle(join(root, 'layout'));
    const read = async (name: string) => {
      await using file = await bundle.open(name);
      return file === undefined ? undefined : String(await file.readFile());
    };
    assert.equal(await read('blobs/one'), 'one');
    const out = ['../secret', 'blobs/../../secret', 'out/secret', 'link', '/secret', join(root, 'secret')];
    for (const name of [...out, '', '.', 'blobs', 'blobs/', 'a\0b', 'blobs/one/x'])
      assert.equal(await read(name), undefined, name);
  });
});

test('lists of more images than anybody has are refused before one is read', async () => {
  await inFolder(async (root) => {
    const folder = join(root, 'layout');
    const digest = `sha256:${'a'.repeat(64)}`;
    const manifests = Array.from({ length: 1001 }, () => ({ digest, size: 1 }));
    await writeFile(join(folder, 'index.json'), JSON.stringify({ manifests }));
    const tags = Array.from({ length: 1001 }, (_none, index) => `demo:${index}`);
    await writeFile(
      join(folder, 'manifest.json'),
      JSON.stringify([{ Config: 'c', RepoTags: tags, Layers: [] }]),
    );
    const tooMany = (error: unknown) => isIgniteError(error, 'images/too-large');
    await assert.rejects(ociImages(folderBundle(folder), 'amd64', defaultLimits), tooMany);
    await assert.rejects(dockerImages(folderBundle(folder), defaultLimits), tooMany);
  });
});
