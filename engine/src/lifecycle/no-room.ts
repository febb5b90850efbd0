// Whether a record could not be written because the disk is full or read-only. Then nothing starts, but everything can end,
// and the next daemon observes what could not be recorded.
import { isIgniteError } from '@ignite/api';

/** Whether the error is of such a disk. */
export function isDiskClosed(error: unknown): boolean {
  return isIgniteError(error, 'state/disk-full') || isIgniteError(error, 'state/read-only');
}
