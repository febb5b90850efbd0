// Free space: asked for before work starts, and named when it ends in the middle.
import { statfs } from 'node:fs/promises';
import { IgniteError } from '@ignite/api';
import { hasErrno } from '../host/index.ts';

/**
 * Fails where the file system of `path` has less than `bytes` free for us.
 * @throws IgniteError `host/disk-full`
 */
export async function requireSpace(path: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new IgniteError(
    'host/disk-full',
    `${what} needs about ${mebibytes(bytes)} MiB at ${path}, ${mebibytes(free)} MiB are free`,
    { details: { path, needed: bytes, free } },
  );
}

/** ENOSPC and EDQUOT under the name of the catalogue; everything else as it is. */
export function diskFull(cause: unknown, path: string): unknown {
  if (!hasErrno(cause, 'ENOSPC', 'EDQUOT')) return cause;
  return new IgniteError('host/disk-full', `The disk became full while writing ${path}`, {
    cause,
    details: { path },
  });
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
