// A file system in memory, as small as is asked for, that a test fills to its end or makes read-only: what fails then fails in
// the kernel, with all that a real one still allows (a file without content, a rename, a write to a file that is open).
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallFileSystem extends AsyncDisposable {
  readonly path: string;
  /** Takes all room there is. */
  fill(): Promise<void>;
  /** No file of it can be opened for writing, made, renamed or removed; what is open stays as it was opened. */
  makeReadOnly(): void;
  /** As it was before. */
  mend(): Promise<void>;
}

/** Mounts it. Needs root. @param bytes how much it holds */
export async function smallFileSystem(bytes: number): Promise<SmallFileSystem> {
  const path = await mkdtemp(join(tmpdir(), 'ignite-small-'));
  const mount = (...words: readonly string[]) => execFileSync('mount', words);
  const filler = join(path, 'filler');
  let readOnly = false;
  mount('-t', 'tmpfs', '-o', `size=${bytes},mode=711`, 'none', path);
  const mend = async () => {
    if (readOnly) execFileSync('umount', ['--lazy', path]);
    readOnly = false;
    await rm(filler, { force: true });
  };
  return {
    path,
    fill: () => writeFile(filler, Buffer.alloc(bytes)).catch(() => {}), // it ends where the room does
    makeReadOnly: () => {
      // A mount that has files open for writing cannot become read-only; one above it can.
      mount('--bind', path, path);
      mount('-o', 'remount,bind,ro', path);
      readOnly = true;
    },
    mend,
    [Symbol.asyncDispose]: async () => {
      await mend();
      execFileSync('umount', ['--lazy', path]);
      await rmdir(path);
    },
  };
}
