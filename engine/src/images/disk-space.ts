// Free space: asked for before work starts, and named when it ends in the middle.
import { IgniteError } from '@ignite/api';
import { freeSpace, hasErrno } from '../host/index.ts';

/**
 * Fails where the file system of `path` has less than `bytes` free for us.
 * @throws IgniteError `host/disk-full`
 */
export async function requireSpace(path: string, bytes: number, what: string): Promise<void> {
  const { forUsers: free } = await freeSpace(path);
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
