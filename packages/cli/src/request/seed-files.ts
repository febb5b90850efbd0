// `--copy-files HOST:VM`: files and folders of the caller that are put into the VM before its first start, as the original
// did: modes are kept, symlinks stay symlinks, everything belongs to root.
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { IgniteError } from '@ignite/api/errors';
import { LIMITS } from '@ignite/api/limits';
import type { CommandContext } from '../context.ts';
import { longOperation } from '../run/long-operation.ts';
import { usage } from '../usage-error.ts';
import type { Place } from './files-digest.ts';
import { unreadable } from './files.ts';

/** A file, folder or symlink as the request carries it. */
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

/** What a request says of the files: they themselves, or the id under which the daemon keeps them. */
export interface SentFiles {
  readonly files?: SeedFile[];
  readonly upload?: string;
  /** Absent where there are none. */
  readonly filesDigest?: string;
}

/**
 * Reads what `--copy-files` names. A named symlink is followed, those inside a folder are kept. Few bytes go into the
 * request; more are sent before it, read while they are sent.
 * @throws IgniteError `cli/usage`, `cli/file-unreadable`, `cli/bad-file`, `archive/…`; what the daemon says of them
 */
export async function sendSeedFiles(
  context: CommandContext,
  words: readonly string[],
  { room = LIMITS.seedBytes, dryRun = false }: Sending = {},
): Promise<SentFiles> {
  const places = words.map((word) => placeOf(word, context.host.cwd));
  if (places.length === 0) return {};
  const files = await readSmall(places, room);
  const digest = {
    filesDigest: await (await import('./files-digest.ts')).filesDigest(places, context.signal),
  };
  if (files !== undefined) return { ...(files.length === 0 ? {} : { files: [...files] }), ...digest };
  if (dryRun) return digest;
  const { nameInArchive, packAll } = await import('@ignite/archive');
  const trees = places.map(({ host, vm }) => ({ path: host, name: nameInArchive(vm) }));
  const tar = Readable.from(packAll(trees, { signal: context.signal }));
  const { upload } = await longOperation(context, (client, call) => client.uploadFiles(tar, call));
  return { upload, ...digest };
}

export interface Sending {
  /** Bytes that the request has room for; default: those that a guest's configuration carries. */
  readonly room?: number;
  /** Nothing is made of them: what is large is looked at and not sent. */
  readonly dryRun?: boolean;
}

/** How much of a request files take. */
export function bytesOf({ files = [] }: SentFiles): number {
  return files.reduce((sum, { content }) => sum + content.length, 0);
}

function placeOf(word: string, cwd: string): Place {
  const [host, vm, extra] = word.split(':');
  if (!host || !vm || extra !== undefined || !vm.startsWith('/'))
    throw usage(`--copy-files takes HOST:VM with an absolute path in the VM, not "${word}"`);
  return { host: resolve(cwd, host), vm };
}

/** The files, or undefined where they are too many bytes for a request. */
async function readSmall(places: readonly Place[], room: number): Promise<readonly SeedFile[] | undefined> {
  const reader = createReader(Math.min(room, LIMITS.seedBytes));
  try {
    for (const { host, vm } of places) await reader.take(host, vm, true);
    return reader.files;
  } catch (error) {
    if (error === TOO_LARGE) return undefined;
    throw error;
  }
}

const TOO_LARGE = Symbol('more than a request carries');

function createReader(room: number) {
  const files: SeedFile[] = [];
  let left = room;
  const add = (file: Omit<SeedFile, 'uid' | 'gid'>, bytes: number) => {
    left -= bytes + LIMITS.seedEntryBytes + file.path.length;
    if (left < 0) throw TOO_LARGE;
    files.push({ ...file, uid: 0, gid: 0 });
  };
  const take = async (host: string, vm: string, named = false): Promise<void> => {
    try {
      const facts = named ? await stat(host) : await lstat(host);
      const mode = facts.mode & 0o7777;
      if (facts.isSymbolicLink()) {
        const target = Buffer.from(await readlink(host));
        add({ path: vm, mode, content: target.toString('base64'), kind: 'symlink' }, target.length);
      } else if (facts.isFile()) {
        if (facts.size > left) throw TOO_LARGE;
        const content = await readFile(host);
        add({ path: vm, mode, content: content.toString('base64') }, content.length);
      } else if (facts.isDirectory()) {
        add({ path: vm, mode, content: '', kind: 'folder' }, 0);
        for (const name of (await readdir(host)).sort()) await take(join(host, name), join(vm, name));
      } else if (named)
        throw new IgniteError('cli/bad-file', `${host} is neither a file nor a folder: it cannot be copied`);
    } catch (cause) {
      throw cause instanceof IgniteError || cause === TOO_LARGE ? cause : unreadable(host, cause);
    }
  };
  return { files, take };
}
