// Unpacks an untrusted archive (out of a guest) into a folder of the caller's.
import { constants } from 'node:fs';
import {
  type FileHandle,
  link,
  lstat,
  lutimes,
  lchown,
  open,
  rmdir,
  symlink,
  unlink,
} from 'node:fs/promises';
import { IgniteError } from '@ignite/api/errors';
import type { ByteString, FileTime, TarEntry } from '../entry.ts';
import { malformed, shown } from '../errors.ts';
import { normalizeName } from '../names.ts';
import { readTar } from '../read-tar.ts';
import { type DirectoryChain, openDirectoryChain } from './directory-chain.ts';
import { accessError, hasErrno } from './fs-error.ts';
import { writeSparse } from './write-sparse.ts';

export interface ExtractOptions {
  readonly signal: AbortSignal;
  /**
   * The normalised name in the target for a normalised name in the archive (the empty name is the top); undefined
   * leaves the entry out. Targets of hard links go through it, too. Default: the same name.
   */
  readonly mapName?: (name: ByteString) => ByteString | undefined;
  /** `caller`: everything belongs to who runs this, without setuid and setgid. `archive`: owners and bits as stated. */
  readonly owner?: 'caller' | 'archive';
}

export interface ExtractResult {
  readonly entries: number;
  /** Bytes of file content, holes among them. */
  readonly bytes: number;
  /** Names of what is never made: devices and fifos. */
  readonly skipped: readonly ByteString[];
}

interface Job {
  readonly signal: AbortSignal;
  readonly chain: DirectoryChain;
  readonly keepOwner: boolean;
  readonly mapName: (name: ByteString) => ByteString | undefined;
  /** Modes and times of directories, set last: a read-only directory must still take its children. */
  readonly directories: Map<ByteString, TarEntry>;
  readonly skipped: ByteString[];
  bytes: number;
}

interface Spot {
  readonly parts: readonly ByteString[];
  readonly name: ByteString;
}

function spotOf(name: ByteString): Spot {
  const parts = name.split('/');
  return { name: parts.pop() ?? '', parts };
}

const asSeconds = (time: FileTime): number => time.seconds + time.nanoseconds / 1e9;
const modeOf = (job: Job, entry: TarEntry): number => entry.mode & (job.keepOwner ? 0o7777 : 0o777);

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted)
    throw new IgniteError('host/cancelled', 'Unpacking was cancelled', { cause: signal.reason });
}

/** Takes away what is in the way of something that is no directory. A directory is removed only if empty. */
async function makeRoom(path: Buffer): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return;
    if (!hasErrno(error, 'EISDIR', 'EPERM')) throw error;
    await rmdir(path);
  }
}

async function applyToHandle(job: Job, handle: FileHandle, entry: TarEntry): Promise<void> {
  if (job.keepOwner) await handle.chown(entry.uid, entry.gid);
  await handle.chmod(modeOf(job, entry));
  const atime = asSeconds(entry.atime ?? entry.mtime);
  await handle.utimes(atime, asSeconds(entry.mtime));
}

async function extractFile(job: Job, path: Buffer, entry: TarEntry): Promise<void> {
  await makeRoom(path);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  await using file = await open(path, flags, 0o600);
  await writeSparse(file, entry.content, (bytes) => {
    throwIfCancelled(job.signal);
    job.bytes += bytes;
  });
  await applyToHandle(job, file, entry);
}

async function extractSymlink(job: Job, path: Buffer, entry: TarEntry): Promise<void> {
  await makeRoom(path);
  await symlink(Buffer.from(entry.linkName, 'latin1'), path);
  if (job.keepOwner) await lchown(path, entry.uid, entry.gid);
  await lutimes(path, asSeconds(entry.mtime), asSeconds(entry.mtime));
}

/**
 * A second name for a file below the target. The first name's directory is held open under its own chain, because
 * the job's chain moves on to the new name.
 */
async function extractHardlink(job: Job, target: string, spot: Spot, entry: TarEntry): Promise<void> {
  const first = job.mapName(normalizeName(entry.linkName));
  if (first === undefined || first === '') {
    throw malformed(`entry ${shown(entry.name)}`, 'its hard link leads out of what is unpacked');
  }
  const old = spotOf(first);
  await using oldChain = await openDirectoryChain(target);
  const oldPath = await oldChain.path(old.parts, old.name);
  const newPath = await job.chain.path(spot.parts, spot.name);
  if (!(await lstat(oldPath)).isFile()) {
    throw malformed(`entry ${shown(entry.name)}`, 'its hard link names no file');
  }
  if (first === [...spot.parts, spot.name].join('/')) return;
  await makeRoom(newPath);
  await link(oldPath, newPath);
}

async function extractEntry(job: Job, target: string, name: ByteString, entry: TarEntry): Promise<void> {
  if (entry.type === 'directory') {
    const handle = await job.chain.handle(name === '' ? [] : name.split('/'));
    if (name !== '') {
      // At once, so that a private folder's files are never open to others; writable until all is there.
      await handle.chmod((entry.mode & 0o777) | 0o700);
      job.directories.set(name, entry);
    }
    return;
  }
  if (name === '') throw malformed(`entry ${shown(entry.name)}`, 'it would replace the target itself');
  if (entry.type === 'character' || entry.type === 'block' || entry.type === 'fifo') {
    job.skipped.push(name);
    return;
  }
  job.directories.delete(name);
  const spot = spotOf(name);
  const path = await job.chain.path(spot.parts, spot.name);
  if (entry.type === 'file') await extractFile(job, path, entry);
  else if (entry.type === 'symlink') await extractSymlink(job, path, entry);
  else await extractHardlink(job, target, spot, entry);
}

/** Deepest first, so that no parent has lost its rights when a child's turn comes. */
async function finishDirectories(job: Job): Promise<void> {
  const names = [...job.directories.keys()].sort(
    (a, b) => b.split('/').length - a.split('/').length || (a < b ? -1 : 1),
  );
  for (const name of names) {
    const entry = job.directories.get(name);
    if (entry === undefined) continue;
    await applyToHandle(job, await job.chain.handle(name.split('/')), entry);
  }
}

/**
 * Unpacks a tar stream below `target`, an existing directory, with the caller's rights. No entry leaves it: `..`
 * stops there, and a link among an entry's parents, of this archive or not, is archive/outside. Existing files and links of
 * the same names are replaced; existing directories are kept and filled, the target itself is left as it is. What
 * was unpacked before an error stays.
 * Errors: those of `readTar`, archive/outside, archive/file-access, host/cancelled.
 */
export async function extractTar(
  stream: AsyncIterable<Uint8Array>,
  target: string,
  options: ExtractOptions,
): Promise<ExtractResult> {
  await using chain = await openDirectoryChain(target);
  const job: Job = {
    signal: options.signal,
    chain,
    keepOwner: options.owner === 'archive',
    mapName: options.mapName ?? ((name) => name),
    directories: new Map(),
    skipped: [],
    bytes: 0,
  };
  let entries = 0;
  for await (const entry of readTar(stream)) {
    throwIfCancelled(options.signal);
    const name = job.mapName(normalizeName(entry.name));
    if (name === undefined) continue;
    try {
      await extractEntry(job, target, name, entry);
    } catch (error) {
      throw accessError(entry.name, 'Unpacking', error);
    }
    entries++;
  }
  await finishDirectories(job).catch((error: unknown) => {
    throw accessError(Buffer.from(target).toString('latin1'), 'Setting modes below', error);
  });
  return { entries, bytes: job.bytes, skipped: job.skipped };
}
