// A set of files that holds images: an unpacked archive or an OCI layout folder, behind one face.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { hasErrno } from '../../host/index.ts';
import type { Unpacked } from '../../worker/index.ts';

/** In one archive; each becomes a line of the image list, which is written anew for each. */
const MOST_IMAGES = 1000;

export interface Bundle {
  /** What to call it in errors. */
  readonly what: string;
  /** Opens a file for reading; undefined where there is none. Links are not followed. */
  open(name: string): Promise<FileHandle | undefined>;
}

/** The bundle of an archive that the worker unpacked to `folder`. */
export function unpackedBundle(folder: string, unpacked: Unpacked): Bundle {
  const files = new Map(unpacked.files.map((entry) => [entry.name, entry.file]));
  return {
    what: 'The archive',
    async open(name) {
      const file = files.get(name);
      return file === undefined ? undefined : openRegular(join(folder, String(file)));
    },
  };
}

/** The bundle of an OCI layout folder. Neither a name in its documents nor a link in it leads out of it. */
export function folderBundle(folder: string): Bundle {
  return { what: `The folder ${folder}`, open: (name) => openBelow(folder, name) };
}

/**
 * A whole document of a bundle.
 * @throws IgniteError `images/bad-archive` when it is longer than `limit`
 */
export async function readDocument(
  bundle: Bundle,
  name: string,
  limit: number,
): Promise<Uint8Array | undefined> {
  await using file = await bundle.open(name);
  if (file === undefined) return undefined;
  if ((await file.stat()).size > limit)
    throw new IgniteError('images/bad-archive', `${bundle.what} has a ${name} of more than ${limit} bytes`);
  return file.readFile();
}

/** Refuses lists that would keep the daemon busy with names alone. @throws IgniteError `images/too-large` */
export function requireFew(images: number, { what }: Bundle): void {
  if (images <= MOST_IMAGES) return;
  throw new IgniteError('images/too-large', `${what} lists ${images} images; ${MOST_IMAGES} are the most`);
}

async function openBelow(folder: string, name: string): Promise<FileHandle | undefined> {
  const parts = name.split('/');
  const plain = parts.every((part) => !['', '.', '..'].includes(part) && !part.includes('\0'));
  if (!plain) return undefined;
  await using opened = new AsyncDisposableStack();
  let place = folder;
  for (const part of parts.slice(0, -1)) {
    const inner = await openUnlessAbsent(join(place, part), constants.O_DIRECTORY);
    if (inner === undefined) return undefined;
    place = `/proc/self/fd/${opened.use(inner).fd}`;
  }
  return await openRegular(join(place, parts.at(-1) ?? ''));
}

async function openRegular(path: string): Promise<FileHandle | undefined> {
  const file = await openUnlessAbsent(path, constants.O_NONBLOCK);
  if (file === undefined || (await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}

/** A link counts as nothing. */
async function openUnlessAbsent(path: string, flags: number): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | flags);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}
