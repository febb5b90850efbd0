// Files of a host that go into a new VM, read once: as a request carries them where they are few bytes, and as the digest
// that a VM remembers of them, so that it is seen later that a file behind a path is another now.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, lstat, readdir, readlink, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { LIMITS } from '@ignite/api/limits';
import { openEntry, placeOf, whereIs } from './open-entry.ts';

/** A file, folder or symlink as a request carries it. */
export interface SeedFile {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** base64; of a symlink its target, of a folder nothing. */
  readonly content: string;
  /** Absent: a file. */
  readonly kind?: 'folder' | 'symlink';
}

/** A file or folder of the host, and its path in the VM. */
export interface SeedPlace {
  readonly host: string;
  readonly vm: string;
}

export interface SeedOptions {
  /** Bytes that a request has room for, with what surrounds each entry; at most, and by default, what a guest's configuration carries. */
  readonly room?: number;
  readonly signal: AbortSignal;
  /** The error for what cannot be read; without a cause it is neither file nor folder. */
  readonly failure: (path: string, cause?: unknown) => IgniteError;
  /** Told where each named file or folder that was opened really is; what it throws ends the reading. */
  readonly opened?: (where: string) => void;
}

export interface Seed {
  /** Absent where they are more than there is room for. */
  readonly files?: SeedFile[];
  /** `sha256:` and hex digits: the same for the same paths, kinds, modes and contents, whenever they were written. */
  readonly digest: string;
}

/**
 * A named symlink is followed, those inside a folder are kept; everything belongs to root. What is over the room is read
 * piece by piece, for the digest alone.
 * @throws IgniteError what `failure` makes; what the signal says
 */
export async function readSeed(places: readonly SeedPlace[], options: SeedOptions): Promise<Seed> {
  const reading: Reading = {
    options,
    whole: createHash('sha256'),
    files: [],
    left: Math.min(options.room ?? LIMITS.seedBytes, LIMITS.seedBytes),
  };
  for (const { host, vm } of places) await readTree(reading, { path: host, shown: host, named: true }, vm);
  const { files, left, whole } = reading;
  return { ...(left < 0 ? {} : { files }), digest: `sha256:${whole.digest('hex')}` };
}

/**
 * What changes when files, modes, links or what a folder holds may have: nothing is read. What is missing is a fact, too.
 * @throws what the signal says, and nothing else
 */
export async function seedStamp(paths: readonly string[], signal: AbortSignal): Promise<string> {
  const whole = createHash('sha256');
  const add = async (path: string, named: boolean): Promise<void> => {
    signal.throwIfAborted();
    const facts = await (named ? stat(path, BIG) : lstat(path, BIG)).catch(() => undefined);
    const { ino, mode, size, mtimeNs, ctimeNs } = facts ?? {};
    whole.update(`${path}\0${ino} ${mode} ${size} ${mtimeNs} ${ctimeNs}\0`);
    if (facts?.isDirectory() !== true) return;
    for (const name of await readdir(path).catch(() => [])) await add(posix.join(path, name), false);
  };
  for (const path of paths) await add(path, true);
  return whole.digest('hex');
}

const BIG = { bigint: true } as const;

interface Reading {
  readonly options: SeedOptions;
  readonly whole: Hash;
  /** Empty once there is no room left. */
  readonly files: SeedFile[];
  left: number;
}

interface Spot {
  /** For system calls. */
  readonly path: string;
  /** For people. */
  readonly shown: string;
  readonly named: boolean;
}

/** One line of JSON in the digest for each entry; of what is neither file, folder nor symlink nothing is copied. */
async function readTree(reading: Reading, spot: Spot, vm: string): Promise<void> {
  const { path, shown, named } = spot;
  const { signal, failure } = reading.options;
  try {
    const facts = await (named ? stat(path) : lstat(path));
    if (facts.isSymbolicLink()) {
      const target = await readlink(path);
      add(reading, { path: vm, mode: facts.mode & 0o7777, kind: 'symlink' }, target, Buffer.from(target));
    } else if (facts.isFile() || facts.isDirectory()) await readOpened(reading, spot, vm);
    else if (named) throw failure(shown);
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof IgniteError ? cause : failure(shown, cause);
  }
}

/** It may be something else by now: what was opened counts. */
async function readOpened(reading: Reading, { path, shown, named }: Spot, vm: string): Promise<void> {
  await using handle = await openEntry(path, named);
  if (named) reading.options.opened?.(await whereIs(handle));
  const facts = await handle.stat();
  const entry = { path: vm, mode: facts.mode & 0o7777 };
  if (facts.isFile()) return await readContent(reading, entry, handle, facts.size);
  if (!facts.isDirectory()) return;
  add(reading, { ...entry, kind: 'folder' }, '', Buffer.alloc(0));
  const folder = placeOf(handle);
  for (const name of (await readdir(folder)).sort()) {
    const child = { path: posix.join(folder, name), shown: posix.join(shown, name), named: false };
    await readTree(reading, child, posix.join(vm, name));
  }
}

type Entry = Pick<SeedFile, 'path' | 'mode' | 'kind'>;

/** Files of the kernel's say that they are empty. */
const LEAST_READ = 1 << 20;

/** What is written to it meanwhile is left out, so that there is an end. */
async function readContent(reading: Reading, entry: Entry, file: FileHandle, size: number): Promise<void> {
  const { signal } = reading.options;
  const content = createHash('sha256');
  const pieces: Buffer[] = [];
  let bytes = 0;
  const end = Math.max(size, LEAST_READ) - 1;
  for await (const piece of file.createReadStream({ start: 0, end, autoClose: false, signal })) {
    content.update(piece);
    bytes += piece.length;
    if (bytes > reading.left) giveUp(reading);
    else pieces.push(piece);
  }
  add(reading, entry, content.digest('hex'), reading.left < 0 ? Buffer.alloc(0) : Buffer.concat(pieces));
}

/** @param said what the digest knows of the content */
function add(reading: Reading, { path, mode, kind }: Entry, said: string, content: Buffer): void {
  reading.whole.update(`${JSON.stringify([path, kind ?? 'file', mode, said])}\n`);
  reading.left -= LIMITS.seedEntryBytes + path.length + content.length;
  if (reading.left < 0) return giveUp(reading);
  const base = { path, mode, uid: 0, gid: 0, content: content.toString('base64') };
  reading.files.push(kind === undefined ? base : { ...base, kind });
}

/** The files do not fit: none is kept any longer. */
function giveUp(reading: Reading): void {
  reading.left = -1;
  reading.files.length = 0;
}
