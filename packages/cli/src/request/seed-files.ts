// `--copy-files HOST:VM`: files and folders of the caller that are put into the VM before its first start.
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { LIMITS } from '@ignite/api/limits';
import { usage } from '../usage-error.ts';
import { unreadable } from './files.ts';

/** A file as the request carries it. */
export interface SeedFile {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** base64 */
  readonly content: string;
}

/** What is left of the request for file content, in bytes before base64. */
const MAX_BYTES = Math.floor((LIMITS.bodyBytes - 128 * 1024) * 0.75);

/**
 * Reads what `--copy-files` names. Owner is root, modes are kept, symlinks are followed.
 * @throws IgniteError `cli/usage`, `cli/file-unreadable`, `cli/bad-file` where they are too large for a request
 */
export async function readSeedFiles(words: readonly string[], cwd: string): Promise<readonly SeedFile[]> {
  const files: SeedFile[] = [];
  for (const word of words) {
    const [host, vm, extra] = word.split(':');
    if (!host || !vm || extra !== undefined || !vm.startsWith('/'))
      throw usage(`--copy-files takes HOST:VM with an absolute path in the VM, not "${word}"`);
    files.push(...(await readPath(resolve(cwd, host), vm)));
  }
  const bytes = files.reduce((sum, file) => sum + file.content.length * 0.75, 0);
  if (bytes > MAX_BYTES)
    throw new IgniteError(
      'cli/bad-file',
      `--copy-files takes at most ${Math.floor(MAX_BYTES / 1024)} KB in all; use \`ignite cp\` after the start`,
    );
  return files;
}

async function readPath(host: string, vm: string): Promise<readonly SeedFile[]> {
  try {
    const facts = await stat(host);
    if (facts.isFile()) return [await readOne(host, vm, facts.mode, facts.size)];
    if (!facts.isDirectory()) return [];
    const names = await readdir(host);
    const found: SeedFile[] = [];
    for (const name of names.sort()) {
      // A link inside a folder that leads to a folder could lead back to it.
      const inner = await lstat(join(host, name));
      if (inner.isSymbolicLink() && (await stat(join(host, name))).isDirectory()) continue;
      found.push(...(await readPath(join(host, name), join(vm, name))));
    }
    return found;
  } catch (cause) {
    throw cause instanceof IgniteError ? cause : unreadable(host, cause);
  }
}

async function readOne(host: string, path: string, mode: number, size: number): Promise<SeedFile> {
  if (size > MAX_BYTES)
    throw new IgniteError(
      'cli/bad-file',
      `${host} is too large for --copy-files; use \`ignite cp\` after the start`,
    );
  const content = (await readFile(host)).toString('base64');
  return { path, mode: mode & 0o7777, uid: 0, gid: 0, content };
}
