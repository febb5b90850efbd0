// The content-addressed part of the layout: blobs/sha256/<hex>. A blob is there whole and verified, or it is not there.
import { chmod, readFile, rename, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { hasErrno, syncDirectory, writeFileAtomic } from '../../host/index.ts';
import { digestOf } from '../digest.ts';
import type { Descriptor } from '../schema.ts';
import type { ImagePaths } from './paths.ts';

/** Whether a blob is there with the size of its descriptor. */
export async function hasBlob(
  paths: ImagePaths,
  blob: Pick<Descriptor, 'digest' | 'size'>,
): Promise<boolean> {
  try {
    return (await stat(paths.blob(blob.digest))).size === blob.size;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Stores a document under its own digest, which is returned. */
export async function putBlob(paths: ImagePaths, bytes: Uint8Array): Promise<string> {
  const digest = digestOf(bytes);
  if (await hasBlob(paths, { digest, size: bytes.length })) return digest;
  const file = join(paths.imports, `document-${randomUUID()}`); // two imports may bring the same document at once
  await writeFileAtomic(file, bytes, 0o644);
  await adoptBlob(paths, digest, file);
  return digest;
}

/** Moves a file of verified and synced content in; the file must be on the same file system. */
export async function adoptBlob(paths: ImagePaths, digest: string, file: string): Promise<void> {
  await chmod(file, 0o644);
  await rename(file, paths.blob(digest));
  await syncDirectory(paths.blobs);
}

/**
 * A document from the store, verified again: disks rot.
 * @throws IgniteError `images/store-broken` when it is missing or not what its digest says
 */
export async function readBlob(paths: ImagePaths, digest: string): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readFile(paths.blob(digest));
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
  if (bytes === undefined || digestOf(bytes) !== digest)
    throw new IgniteError('images/store-broken', `The stored document ${digest} is missing or damaged`, {
      details: { digest },
    });
  return bytes;
}

/** @throws IgniteError `images/store-broken` when a blob is not there, or not in its size */
export async function requireBlob(paths: ImagePaths, blob: Descriptor): Promise<void> {
  if (await hasBlob(paths, blob)) return;
  throw new IgniteError('images/store-broken', `Blob ${blob.digest} is missing from the image store`, {
    details: { digest: blob.digest },
  });
}
