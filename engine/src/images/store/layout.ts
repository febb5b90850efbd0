// Makes the folders of the store (image-spec image-layout.md).
import { readFile } from 'node:fs/promises';
import { hasErrno, makeFolder, writeFileAtomic } from '../../host/index.ts';
import type { ImagePaths } from './paths.ts';
import { sweepLeftovers } from './collect.ts';

const LAYOUT = '{"imageLayoutVersion":"1.0.0"}';

/** Makes what is missing and removes what a crash left. Only the owner of the state directory may call it. */
export async function prepareStore(paths: ImagePaths): Promise<void> {
  await makeFolder(paths.base);
  // Images of private registries must not be readable by others; base disks are read by the VMMs, each under its own uid.
  for (const folder of [paths.layout, paths.blobs, paths.records]) await makeFolder(folder, 0o700);
  await sweepLeftovers(paths);
  await makeFolder(paths.imports);
  if (!(await isThere(paths.layoutFile))) await writeFileAtomic(paths.layoutFile, LAYOUT, 0o644);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
