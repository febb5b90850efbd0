// Files of a host that go into a new VM, read once: as a request carries them where they are few bytes, and as the digest
// that a VM remembers of them, so that it is seen later that a file behind a path is another now.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IgniteError } from '@ignite/api/errors';
import { LIMITS } from '@ignite/api/limits';

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
  for (const { host, vm } of places) await readTree(reading, host, vm, true);
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

/** One line of JSON in the digest for each entry; of what is neither file, folder nor symlink nothing is copied. */
async function readTree(reading: Reading, host: string, vm: string, named: boolean): Promise<void> {
  const { signal, failure } = reading.options;
  try {
    const facts = await (named ? stat(host) : lstat(host));
    const entry = { path: vm, mode: facts.mode & 0o7777 };
    if (facts.isSymbolicLink()) {
      const target = await readlink(host);
      add(reading, { ...entry, kind: 'symlink' }, target, Buffer.from(target));
    } else if (facts.isFile()) await readContent(reading, entry, host, facts.size);
    else if (facts.isDirectory()) {
      add(reading, { ...entry, kind: 'folder' }, '', Buffer.alloc(0));
      for (const name of (await readdir(host)).sort())
        await readTree(reading, posix.join(host, name), posix.join(vm, name), false);
    } else if (named) throw failure(host);
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof IgniteError ? cause : failure(host, cause);
  }
}

type Entry = Pick<SeedFile, 'path' | 'mode' | 'kind'>;

async function readContent(reading: Reading, entry: Entry, host: string, size: number): Promise<void> {
  const { signal } = reading.options;
  const content = createHash('sha256');
  if (size <= reading.left) {
    const bytes = await readFile(host, { signal });
    return add(reading, entry, content.update(bytes).digest('hex'), bytes);
  }
  giveUp(reading);
  await pipeline(createReadStream(host), content, { signal });
  add(reading, entry, content.digest('hex'), Buffer.alloc(0));
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
