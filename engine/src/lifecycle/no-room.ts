// Whether a record could not be written because the disk takes nothing now: full, or read-only. Then nothing starts, but
// everything ends, and what was not noted the next daemon looks up.
import { isIgniteError } from '@ignite/api';

/** Whether the error is of such a disk. */
export function isDiskClosed(error: unknown): boolean {
  return isIgniteError(error, 'state/disk-full') || isIgniteError(error, 'state/read-only');
}
