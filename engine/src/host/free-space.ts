// How much room a file system has left.
import { statfs } from 'node:fs/promises';

export interface FreeSpace {
  /** Bytes that any user may fill. */
  readonly forUsers: number;
  /** The same and what is reserved for root. */
  readonly forRoot: number;
}

/**
 * The room left on the file system of `path`. Infinite where the file system does not count blocks: tmpfs with `size=0`
 * (tmpfs(5)) and several FUSE file systems report none at all, and are not full.
 */
export async function freeSpace(path: string): Promise<FreeSpace> {
  const { blocks, bavail, bfree, bsize } = await statfs(path);
  if (blocks === 0) return { forUsers: Number.POSITIVE_INFINITY, forRoot: Number.POSITIVE_INFINITY };
  return { forUsers: bavail * bsize, forRoot: bfree * bsize };
}
