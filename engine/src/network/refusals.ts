// The error for a refusal by a program of the host: it names the network or VM that could not be served, and the kind of fault.
import { IgniteError, isIgniteError } from '@ignite/api';

/**
 * The error for a failed step. Errors that say enough themselves (ours, a missing program, a cancellation, a
 * deadline) stay as they are.
 * @param what `The network ign0`, `The NIC of VM web`
 */
export function explained(cause: unknown, what: string): unknown {
  if (!isRefusal(cause)) return cause;
  if (/not permitted|permission denied/i.test(cause.message))
    return new IgniteError('host/not-permitted', `${what} cannot be made without root`, { cause });
  return new IgniteError('network/not-made', `${what} could not be made`, { cause });
}

/** Whether a host program refused, so that looking closer or making the network first may help. */
export function isRefusal(error: unknown): error is IgniteError {
  return isIgniteError(error, 'host/command-failed');
}
