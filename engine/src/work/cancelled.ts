// The error for work that was cancelled by its caller.
import { IgniteError, isIgniteError } from '@ignite/api';

/** The signal's reason as an error of the catalogue. @param what was cancelled, as the subject of a sentence: `The import` */
export function cancelled(signal: AbortSignal, what: string): IgniteError {
  if (isIgniteError(signal.reason)) return signal.reason;
  return new IgniteError('host/cancelled', `${what} was cancelled`, { cause: signal.reason });
}
