// `--copy-files HOST:VM`: files and folders of the caller that are put into the VM before its first start, as the original
// did: modes are kept, symlinks stay symlinks, everything belongs to root.
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { LIMITS } from '@ignite/api/limits';
import { usage } from '../usage-error.ts';
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

/** Entries are counted, too: a tree of empty files is no small thing. */
const ENTRY_BYTES = 64;

/**
 * Reads what `--copy-files` names. A named symlink is followed, those inside a folder are kept.
 * @throws IgniteError `cli/usage`, `cli/file-unreadable`, `cli/bad-file` where they are too large
 */
export async function readSeedFiles(words: readonly string[], cwd: string): Promise<readonly SeedFile[]> {
  const reader = createReader();
  for (const word of words) {
    const [host, vm, extra] = word.split(':');
    if (!host || !vm || extra !== undefined || !vm.startsWith('/'))
      throw usage(`--copy-files takes HOST:VM with an absolute path in the VM, not "${word}"`);
    await reader.take(resolve(cwd, host), vm, true);
  }
  return reader.files;
}

function createReader() {
  const files: SeedFile[] = [];
  let left: number = LIMITS.seedBytes;
  const add = (file: Omit<SeedFile, 'uid' | 'gid'>, bytes: number) => {
    left -= bytes + ENTRY_BYTES + file.path.length;
    if (left < 0) throw tooLarge();
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
        if (facts.size > left) throw tooLarge();
        const content = await readFile(host);
        add({ path: vm, mode, content: content.toString('base64') }, content.length);
      } else if (facts.isDirectory()) {
        add({ path: vm, mode, content: '', kind: 'folder' }, 0);
        for (const name of (await readdir(host)).sort()) await take(join(host, name), join(vm, name));
      }
    } catch (cause) {
      throw cause instanceof IgniteError ? cause : unreadable(host, cause);
    }
  };
  return { files, take };
}

function tooLarge(): IgniteError {
  const most = LIMITS.seedBytes >> 20;
  return new IgniteError(
    'cli/bad-file',
    `--copy-files takes at most ${most} MB in all; use \`ignite cp\` after the start, or a volume`,
  );
}
