// `--copy-files HOST:VM`: files and folders of the caller that are put into the VM before its first start, as the original
// did: modes are kept, symlinks stay symlinks, everything belongs to root.
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { IgniteError } from '@ignite/api/errors';
import type { SeedFile, SeedPlace } from '@ignite/archive/seed';
import type { CommandContext } from '../context.ts';
import { longOperation } from '../run/shared/long-operation.ts';
import { usage } from '../usage-error.ts';
import { unreadable } from './files.ts';

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
  { room, dryRun = false }: Sending = {},
): Promise<SentFiles> {
  const places = words.map((word) => placeOf(word, context.host.cwd));
  if (places.length === 0) return {};
  const { readSeed } = await import('@ignite/archive/seed');
  const { signal } = context;
  const read = await readSeed(places, { signal, failure, ...(room === undefined ? {} : { room }) });
  const digest = { filesDigest: read.digest };
  const { files } = read;
  if (files !== undefined) return { ...(files.length === 0 ? {} : { files }), ...digest };
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

function failure(path: string, cause?: unknown): IgniteError {
  if (cause !== undefined) return unreadable(path, cause);
  return new IgniteError('cli/bad-file', `${path} is neither a file nor a folder: it cannot be copied`);
}

/** How much of a request files take. */
export function bytesOf({ files = [] }: SentFiles): number {
  return files.reduce((sum, { content }) => sum + content.length, 0);
}

function placeOf(word: string, cwd: string): SeedPlace {
  const [host, vm, extra] = word.split(':');
  if (!host || !vm || extra !== undefined || !vm.startsWith('/'))
    throw usage(`--copy-files takes HOST:VM with an absolute path in the VM, not "${word}"`);
  return { host: resolve(cwd, host), vm };
}
