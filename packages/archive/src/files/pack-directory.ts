// A folder or a file of the caller's as a tar stream, for `cp` into a guest.
import type { BigIntStats } from 'node:fs';
import { type FileHandle, lstat, readdir, readlink, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import type { ByteString, FileTime, TarInput } from '../entry.ts';
import { shown } from '../errors.ts';
import { writeTar } from '../write-tar.ts';
import { accessError } from './fs-error.ts';
import { openEntry, placeOf, whereIs } from './open-entry.ts';

export interface PackOptions {
  readonly signal: AbortSignal;
  /** Name of the top entry in the archive; the empty name packs a folder's children without it. */
  readonly name: ByteString;
  /** Owners in the archive: numbers for everything, or `keep` for those of the files. Default 0:0. */
  readonly owner?: 'keep' | { readonly uid: number; readonly gid: number };
  /** Told of what an archive cannot or should not hold: sockets, devices, fifos. */
  readonly onSkipped?: (path: ByteString) => void;
  /** Told where the file or folder that was opened for `path` really is; what it throws ends the packing. */
  readonly opened?: (where: string) => void;
}

const CHUNK_BYTES = 256 * 1024;
const BILLION = 1_000_000_000n;

function timeOf(nanoseconds: bigint): FileTime {
  const rest = ((nanoseconds % BILLION) + BILLION) % BILLION;
  return { seconds: Number((nanoseconds - rest) / BILLION), nanoseconds: Number(rest) };
}

/** Exactly `size` bytes of a file: what is appended meanwhile is left out. Errors: archive/file-changed. */
async function* fileContent(
  file: FileHandle,
  { shown: path }: Spot,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < size; ) {
    signal.throwIfAborted();
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) {
      throw new IgniteError('archive/file-changed', `File ${shown(path.toString('latin1'))} became shorter`);
    }
    yield chunk.subarray(0, bytesRead);
    at += bytesRead;
  }
}

interface Packing {
  readonly options: PackOptions;
  /** First names of files with several names, by device and inode. */
  readonly seen: Map<string, ByteString>;
}

interface Spot {
  /** For system calls. */
  readonly path: Buffer;
  /** For people. */
  readonly shown: Buffer;
  /** Named by the caller: a link is followed. */
  readonly named: boolean;
}

function headerOf({ options }: Packing, name: ByteString, stats: BigIntStats): Omit<TarInput, 'type'> {
  const owner = options.owner ?? { uid: 0, gid: 0 };
  return {
    name,
    mode: Number(stats.mode & 0o7777n),
    mtime: timeOf(stats.mtimeNs),
    uid: owner === 'keep' ? Number(stats.uid) : owner.uid,
    gid: owner === 'keep' ? Number(stats.gid) : owner.gid,
  };
}

function fileEntry(
  packing: Packing,
  spot: Spot,
  name: ByteString,
  opened: { readonly handle: FileHandle; readonly stats: BigIntStats },
): TarInput {
  const { handle, stats } = opened;
  const header = headerOf(packing, name, stats);
  const key = `${stats.dev}:${stats.ino}`;
  const first = stats.nlink > 1n ? packing.seen.get(key) : undefined;
  if (first !== undefined) return { ...header, type: 'hardlink', linkName: first };
  if (stats.nlink > 1n) packing.seen.set(key, name);
  const size = Number(stats.size);
  return { ...header, type: 'file', size, content: fileContent(handle, spot, size, packing.options.signal) };
}

async function* walk(
  packing: Packing,
  spot: Spot,
  name: ByteString,
): AsyncGenerator<TarInput, void, undefined> {
  const { path, shown: shownPath, named } = spot;
  const { options } = packing;
  options.signal.throwIfAborted();
  const stats = await (named ? stat : lstat)(path, { bigint: true });
  if (stats.isSymbolicLink()) {
    const target = await readlink(path, { encoding: 'buffer' });
    yield { ...headerOf(packing, name, stats), type: 'symlink', linkName: target.toString('latin1') };
  } else if (stats.isFile() || stats.isDirectory()) yield* walkOpened(packing, spot, name);
  else options.onSkipped?.(shownPath.toString('latin1'));
}

/** It may be something else by now: what was opened counts. */
async function* walkOpened(
  packing: Packing,
  spot: Spot,
  name: ByteString,
): AsyncGenerator<TarInput, void, undefined> {
  const { options } = packing;
  await using handle = await openEntry(spot.path, spot.named);
  if (spot.named) options.opened?.(await whereIs(handle));
  const stats = await handle.stat({ bigint: true });
  if (stats.isFile()) yield fileEntry(packing, spot, name, { handle, stats });
  else if (!stats.isDirectory()) options.onSkipped?.(spot.shown.toString('latin1'));
  if (!stats.isDirectory()) return;
  if (name !== '') yield { ...headerOf(packing, name, stats), type: 'directory', name: `${name}/` };
  const children = await readdir(placeOf(handle), { encoding: 'buffer' });
  for (const child of children.sort(Buffer.compare)) {
    const childName = name === '' ? child.toString('latin1') : `${name}/${child.toString('latin1')}`;
    const below = (folder: string | Buffer) => Buffer.concat([Buffer.from(folder), Buffer.from('/'), child]);
    const place = { path: below(placeOf(handle)), shown: below(spot.shown), named: false };
    yield* walk(packing, place, childName);
  }
}

async function* entries(path: string, options: PackOptions): AsyncGenerator<TarInput, void, undefined> {
  const top = Buffer.from(path);
  if (options.name === '' && !(await stat(top)).isDirectory()) {
    throw new IgniteError(
      'archive/entry-invalid',
      `File ${JSON.stringify(path)} needs a name in the archive`,
    );
  }
  yield* walk({ options, seen: new Map() }, { path: top, shown: top, named: true }, options.name);
}

/**
 * A tar stream of a folder with everything below it, or of one file, read with the caller's rights; the same tree
 * gives the same bytes. A link given as `path` is followed; links below are packed as links, several names of one
 * file as hard links. Sockets, devices and fifos are left out.
 * Errors: archive/file-access, archive/file-changed, archive/entry-invalid, host/cancelled.
 */
export async function* packDirectory(
  path: string,
  options: PackOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* writeTar(told(path, options));
}

/** The name of a guest's absolute path in an archive: bytes, relative to the root. */
export function nameInArchive(path: string): ByteString {
  return Buffer.from(posix.normalize(path).replace(/^\/+|\/+$/g, '')).toString('latin1');
}

/** Folders and files in one tar, one after the other, each as by packDirectory under a name of its own. */
export async function* packAll(
  trees: readonly { readonly path: string; readonly name: ByteString }[],
  options: Omit<PackOptions, 'name'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const all = async function* () {
    for (const { path, name } of trees) yield* told(path, { ...options, name });
  };
  yield* writeTar(all());
}

/** Entries whose failures, of their content, too, name the path that was asked for. */
async function* told(path: string, options: PackOptions): AsyncGenerator<TarInput, void, undefined> {
  const inWords = (error: unknown) =>
    options.signal.aborted && !(error instanceof IgniteError)
      ? new IgniteError('host/cancelled', 'Packing was cancelled', { cause: error })
      : accessError(Buffer.from(path).toString('latin1'), 'Packing', error);
  const content = async function* (chunks: NonNullable<TarInput['content']>) {
    try {
      yield* chunks;
    } catch (error) {
      throw inWords(error);
    }
  };
  try {
    for await (const entry of entries(path, options))
      yield entry.content === undefined ? entry : { ...entry, content: content(entry.content) };
  } catch (error) {
    throw inWords(error);
  }
}
