// Errors of the file system while unpacking or packing, with the path that was asked for.
import { IgniteError } from '@ignite/api/errors';
import type { ByteString } from '../entry.ts';
import { shown } from '../errors.ts';

/** Whether an error carries one of these `errno` names. */
export function hasErrno(error: unknown, ...names: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && names.includes(error.code)
  );
}

/** What happened to a path of ours; errors of this project pass through. */
export function accessError(path: ByteString, what: string, cause: unknown): IgniteError {
  if (cause instanceof IgniteError) return cause;
  return new IgniteError('archive/file-access', `${what} ${shown(path)} failed`, { cause });
}
