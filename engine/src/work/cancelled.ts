// The error of work that its caller gave up.
import { IgniteError, isIgniteError } from '@ignite/api';

/** What the signal says, as an error of the catalogue. @param what was cancelled: `The import` */
export function cancelled(signal: AbortSignal, what = 'The import'): IgniteError {
  if (isIgniteError(signal.reason)) return signal.reason;
  return new IgniteError('host/cancelled', `${what} was cancelled`, { cause: signal.reason });
}
