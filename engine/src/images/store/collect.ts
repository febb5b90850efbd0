// Garbage: files of the store that no entry of the index, no VM and no running import needs.
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isIgniteError } from '@ignite/api';
import { isDigest } from '../digest.ts';
import { parseManifest } from '../schema.ts';
import { readBlob } from './blobs.ts';
import type { ImagePaths } from './paths.ts';

/** Unit of `st_blocks`, stat(2). */
const BLOCK = 512;

/**
 * Removes what nothing needs: blobs outside the closure of `manifests` and `pinned`; base disks and records of
 * manifests that are not listed.
 * @param manifests digests that the index lists
 * @param pinned digests that imports held before the index was read
 * @returns bytes on disk that are free again
 */
export async function collectGarbage(
  paths: ImagePaths,
  manifests: readonly string[],
  pinned: (digest: string) => boolean,
): Promise<number> {
  let freed = 0;
  const remove = async (path: string) => {
    const { blocks, nlink } = await lstat(path);
    await rm(path, { recursive: true, force: true });
    if (nlink <= 1) freed += blocks * BLOCK;
  };
  const blobs = await closure(paths, manifests);
  // A name that is no digest is a temporary file of a write that goes on, or that a sweep at start removes.
  for (const name of await readdir(paths.blobs)) {
    const digest = `sha256:${name}`;
    if (isDigest(digest) && !blobs.has(digest) && !pinned(digest)) await remove(paths.blob(digest));
  }
  const listed = new Set(manifests);
  const unlisted = (name: string) => {
    const digest = `sha256:${name.slice(0, 64)}`;
    return isDigest(digest) && !listed.has(digest) && !pinned(digest);
  };
  for (const folder of [paths.records, paths.base])
    for (const name of await readdir(folder)) if (unlisted(name)) await remove(join(folder, name));
  return freed;
}

async function closure(paths: ImagePaths, manifests: readonly string[]): Promise<ReadonlySet<string>> {
  const needed = new Set<string>();
  for (const digest of new Set(manifests)) {
    needed.add(digest);
    for (const blob of await contents(paths, digest)) needed.add(blob);
  }
  return needed;
}

// A damaged image holds nothing: its next pull brings everything again.
async function contents(paths: ImagePaths, digest: string): Promise<readonly string[]> {
  try {
    const manifest = parseManifest(await readBlob(paths, digest), `Manifest ${digest}`);
    return [manifest.config, ...manifest.layers].map((blob) => blob.digest);
  } catch (error) {
    if (isIgniteError(error)) return [];
    throw error;
  }
}

/** Removes what a crash left: everything below imports/, and temporary files of half-done writes. */
export async function sweepLeftovers(paths: ImagePaths): Promise<void> {
  await rm(paths.imports, { recursive: true, force: true });
  for (const folder of [paths.layout, paths.blobs, paths.base, paths.records])
    for (const name of await readdir(folder))
      if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
}
