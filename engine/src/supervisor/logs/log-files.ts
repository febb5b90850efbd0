// One rotated log as a chain of open files, oldest first: x.log.2, x.log.1, x.log (native/spawn/log.c).
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../../host/index.ts';

export type LogName = 'console' | 'app' | 'vmm';

export interface LogFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
  /** Bytes when it was opened. */
  readonly size: number;
  /** Last change, nanoseconds since the epoch. */
  readonly changed: bigint;
  /** Path of its time index when it was opened. */
  readonly indexPath: string;
}

/** More than any `log-files` of ignite-spawn. */
const MAX_FILES = 100;

/**
 * Opens the chain. The newest is opened first: a rotation meanwhile then shows a file twice, which is noticed, and hides
 * none.
 */
export async function openLogFiles(directory: string, name: LogName): Promise<LogFile[]> {
  const newestFirst: LogFile[] = [];
  for (let number = 0; number < MAX_FILES; number++) {
    const file = await openOne(directory, name, number === 0 ? '' : `.${number}`);
    if (file === undefined && number > 0) break; // without a newest the rotation may be at work: look at the next
    if (file === undefined) continue;
    if (newestFirst.some(({ inode }) => inode === file.inode)) await file.handle.close();
    else newestFirst.push(file);
  }
  return newestFirst.reverse();
}

/** Closes a chain, or what is left of it. */
export async function closeLogFiles(files: readonly LogFile[]): Promise<void> {
  await Promise.all(files.map(({ handle }) => handle.close()));
}

async function openOne(directory: string, name: LogName, suffix: string): Promise<LogFile | undefined> {
  try {
    const handle = await open(join(directory, `${name}.log${suffix}`), 'r');
    const { ino, size, mtimeNs } = await handle.stat({ bigint: true });
    const indexPath = join(directory, `${name}.idx${suffix}`);
    return { handle, inode: ino, size: Number(size), changed: mtimeNs, indexPath };
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
