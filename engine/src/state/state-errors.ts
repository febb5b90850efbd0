// Failures of the file system in the words of the catalogue.
import { type ErrorCode, IgniteError, isIgniteError } from '@ignite/api/errors';
import { hasErrno } from '../host/index.ts';

/** An IgniteError for a failed file operation; what is one already stays as it is. */
export function stateError(action: string, path: string, cause: unknown): IgniteError {
  if (isIgniteError(cause)) return cause;
  const code = codeOf(cause);
  return new IgniteError(code, `Could not ${action} ${path}: ${WORDS[code] ?? 'the host refused'}`, {
    cause,
    details: { path },
  });
}

/** Runs a file operation and puts its failure into the catalogue's words. */
export async function guarded<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw stateError(action, path, error);
  }
}

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'state/disk-full': 'the file system is full',
  'state/read-only': 'the file system is read-only',
  'state/not-permitted': 'permission denied',
};

function codeOf(cause: unknown): ErrorCode {
  if (hasErrno(cause, 'ENOSPC', 'EDQUOT', 'EFBIG')) return 'state/disk-full';
  if (hasErrno(cause, 'EROFS')) return 'state/read-only';
  if (hasErrno(cause, 'EACCES', 'EPERM')) return 'state/not-permitted';
  return 'state/io';
}
