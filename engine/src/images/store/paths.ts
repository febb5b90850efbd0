// The names of the room's files below the state directory (FORMATS, On disk).
import { join } from 'node:path';
import { digestHex } from '../digest.ts';

/**
 * Version of the conversion. A change of the bytes that one image becomes raises it: base disks of the older version
 * stay as they are for the VMs that use them, and the next use of the image converts it anew.
 */
export const RECIPE = 'r1';

export interface ImagePaths {
  readonly root: string;
  /** OCI layout. */
  readonly layout: string;
  readonly layoutFile: string;
  readonly indexFile: string;
  readonly blobs: string;
  readonly base: string;
  readonly records: string;
  /** Files of running imports; whatever is here at start was left by a crash. */
  readonly imports: string;
  blob(digest: string): string;
  /** The base disk of a manifest, made by the current recipe or an older one. */
  baseFile(manifestDigest: string, recipe?: string): string;
  recordFile(manifestDigest: string): string;
}

/** The paths for one state directory. */
export function imagePaths(stateDirectory: string): ImagePaths {
  const images = join(stateDirectory, 'images');
  const layout = join(images, 'oci');
  const blobs = join(layout, 'blobs', 'sha256');
  const base = join(images, 'base');
  const records = join(images, 'records');
  return {
    root: images,
    layout,
    layoutFile: join(layout, 'oci-layout'),
    indexFile: join(layout, 'index.json'),
    blobs,
    base,
    records,
    imports: join(stateDirectory, 'imports', 'images'),
    blob: (digest) => join(blobs, digestHex(digest)),
    baseFile: (digest, recipe = RECIPE) => join(base, `${digestHex(digest)}-${recipe}.ext4`),
    recordFile: (digest) => join(records, `${digestHex(digest)}.json`),
  };
}
