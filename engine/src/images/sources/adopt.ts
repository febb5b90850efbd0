// Copies files of a bundle into the store, hashing on the way. They are copied because their writer may still have them
// open.
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { diskFull } from '../disk-space.ts';
import { isDigest } from '../digest.ts';
import { cancelled } from '../../work/index.ts';
import { adoptBlob, hasBlob, type ImagePaths } from '../store/index.ts';
import type { Descriptor } from '../schema.ts';
import type { Bundle } from './bundle.ts';

/** A blob as it was found. */
export interface Adopted {
  readonly digest: string;
  readonly size: number;
  /** The first four bytes, which identify the compression. */
  readonly magic: Uint8Array;
}

const PIECE = 1 << 20;

/**
 * Copies one file of the bundle into the store, under the digest it turns out to have.
 * @throws IgniteError `images/bad-archive` when it is missing
 */
export async function adoptFile(
  paths: ImagePaths,
  bundle: Bundle,
  name: string,
  signal: AbortSignal,
): Promise<Adopted> {
  await using source = await bundle.open(name);
  if (source === undefined)
    throw new IgniteError('images/bad-archive', `${bundle.what} lacks the file ${name}`);
  const copy = join(paths.imports, `adopt-${randomUUID()}`);
  try {
    const adopted = await copyHashing(source, copy, signal);
    await adoptBlob(paths, adopted.digest, copy);
    return adopted;
  } catch (cause) {
    throw diskFull(cause, copy);
  } finally {
    await rm(copy, { force: true });
  }
}

/**
 * Copies the blob of a descriptor from `blobs/sha256/`.
 * @throws IgniteError `images/bad-archive`, `images/digest-mismatch`
 */
export async function adoptDescriptor(
  paths: ImagePaths,
  bundle: Bundle,
  blob: Descriptor,
  signal: AbortSignal,
): Promise<void> {
  if (await hasBlob(paths, blob)) return;
  const found = await adoptFile(paths, bundle, blobName(blob.digest), signal);
  if (found.digest === blob.digest && found.size === blob.size) return;
  throw new IgniteError('images/digest-mismatch', `${bundle.what} has other bytes under ${blob.digest}`, {
    details: { wanted: blob.digest, found: found.digest },
  });
}

/** Where a layout keeps a blob (image-layout.md). */
export function blobName(digest: string): string {
  if (!isDigest(digest)) throw new IgniteError('images/bad-archive', `"${digest}" is no sha256 digest`);
  return `blobs/${digest.replace(':', '/')}`;
}

async function copyHashing(source: FileHandle, path: string, signal: AbortSignal): Promise<Adopted> {
  await using target = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(PIECE);
  let magic: Uint8Array = new Uint8Array();
  let size = 0;
  for (;;) {
    if (signal.aborted) throw cancelled(signal, 'The import');
    const { bytesRead } = await source.read(buffer, 0, PIECE, size);
    if (bytesRead === 0) break;
    const piece = buffer.subarray(0, bytesRead);
    if (size === 0) magic = Uint8Array.from(piece.subarray(0, 4));
    hash.update(piece);
    await target.writeFile(piece);
    size += bytesRead;
  }
  await target.sync();
  return { digest: `sha256:${hash.digest('hex')}`, size, magic };
}
