// What identifies the files that are copied into a VM: the same for the same paths, kinds, modes and contents, whenever
// they were written. A VM remembers it, so that `diff` sees that a file behind a path is another now.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IgniteError } from '@ignite/api/errors';
import { unreadable } from './files.ts';

export interface Place {
  readonly host: string;
  readonly vm: string;
}

/**
 * `sha256:` and hex digits. Files are read piece by piece, however large they are.
 * @throws IgniteError `cli/file-unreadable`
 */
export async function filesDigest(places: readonly Place[], signal: AbortSignal): Promise<string> {
  const whole = createHash('sha256');
  for (const { host, vm } of places) await addTree(whole, host, vm, { named: true, signal });
  return `sha256:${whole.digest('hex')}`;
}

/** One line of JSON for each entry; of what is neither file, folder nor symlink nothing is copied. */
async function addTree(
  whole: Hash,
  host: string,
  vm: string,
  { named, signal }: { readonly named: boolean; readonly signal: AbortSignal },
): Promise<void> {
  try {
    const facts = await (named ? stat(host) : lstat(host)); // a named symlink is followed
    const add = (kind: string, content: string) =>
      whole.update(`${JSON.stringify([vm, kind, facts.mode & 0o7777, content])}\n`);
    if (facts.isSymbolicLink()) add('symlink', await readlink(host));
    else if (facts.isFile()) add('file', await digestOf(host, signal));
    else if (facts.isDirectory()) {
      add('folder', '');
      for (const name of (await readdir(host)).sort())
        await addTree(whole, join(host, name), join(vm, name), { named: false, signal });
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof IgniteError ? cause : unreadable(host, cause);
  }
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const content = createHash('sha256');
  await pipeline(createReadStream(path), content, { signal });
  return content.digest('hex');
}
