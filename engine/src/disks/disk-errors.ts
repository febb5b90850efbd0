// Errors of making and growing disks, in one place so that each reads the same.
import { IgniteError } from '@ignite/api';
import { hasErrno } from '../host/index.ts';

/** The file system that holds `path` has no room. */
export function diskFull(
  path: string,
  options: { readonly needed?: number; readonly free?: number; readonly cause?: unknown },
): IgniteError {
  const { needed, free, cause } = options;
  const how = needed === undefined || free === undefined ? '' : `: ${needed} bytes needed, ${free} free`;
  return new IgniteError('host/disk-full', `No space left for the disk ${path}${how}`, {
    stage: 'disk',
    ...(cause === undefined ? {} : { cause }),
    details: { path, ...(needed === undefined ? {} : { needed }), ...(free === undefined ? {} : { free }) },
  });
}

/** Turns what the file system said about making `path` into an error of the catalogue. */
export function diskFailure(error: unknown, path: string, signal: AbortSignal): unknown {
  if (error instanceof IgniteError) return error;
  if (signal.aborted) {
    return new IgniteError('host/cancelled', `Making the disk ${path} was cancelled`, {
      cause: signal.reason,
      stage: 'disk',
    });
  }
  if (hasErrno(error, 'ENOSPC', 'EDQUOT')) return diskFull(path, { cause: error });
  return new IgniteError('disks/failed', `The disk ${path} could not be made`, {
    cause: error,
    stage: 'disk',
    details: { path },
  });
}
