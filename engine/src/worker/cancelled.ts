// The error of an import that its caller gave up.
import { IgniteError, isIgniteError } from '@ignite/api';

/** What the signal says, as an error of the catalogue. */
export function cancelled(signal: AbortSignal): IgniteError {
  if (isIgniteError(signal.reason)) return signal.reason;
  return new IgniteError('host/cancelled', 'The import was cancelled', { cause: signal.reason });
}
