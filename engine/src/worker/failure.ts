// A failure in the worker as a message, and the message as an error of the daemon.
import { IgniteError, isIgniteError } from '@ignite/api';
import { hasErrno } from '../host/index.ts';
import type { Bound } from './bounds.ts';
import type { FromWorker } from './messages.ts';

type Failure = Extract<FromWorker, { type: 'failed' }>;

const LONGEST = 2000;

/** The message for whatever the job threw. */
export function asFailure(error: unknown): Failure {
  const code = isIgniteError(error)
    ? error.code
    : hasErrno(error, 'ENOSPC', 'EDQUOT')
      ? 'host/disk-full'
      : 'images/worker-died';
  const message = isIgniteError(error) ? error.message : `The import failed: ${textOf(error)}`;
  const causes: string[] = [];
  for (let cause = causeOf(error); cause !== undefined && causes.length < 8; cause = causeOf(cause))
    causes.push(textOf(cause).slice(0, LONGEST));
  const bound = boundOf(error);
  const failure = { type: 'failed' as const, code, message: message.slice(0, LONGEST), causes };
  return bound === undefined ? failure : { ...failure, bound };
}

// Whoever was decompressing or writing may have called it something else: the first cause counts.
function boundOf(error: unknown): Bound | undefined {
  for (let cause = error; cause !== undefined; cause = causeOf(cause)) {
    if (hasErrno(cause, 'EFBIG')) return 'file';
    if (hasErrno(cause, 'ENOMEM', 'ERR_MEMORY_ALLOCATION_FAILED', 'Z_MEM_ERROR')) return 'memory';
    if (cause instanceof RangeError && cause.message === 'Array buffer allocation failed') return 'memory';
  }
  return undefined;
}

/** The bound that a process has reached which ended by a signal, by its last words (V8's, and the C++ library's). */
export function boundOfEnd(signal: NodeJS.Signals | null, stderr: string): Bound | undefined {
  if (signal === 'SIGXFSZ') return 'file';
  const said = /out of memory|bad_alloc|Allocation failed|allocation failed|Cannot allocate memory/.test(
    stderr,
  );
  return signal !== null && signal !== 'SIGKILL' && said ? 'memory' : undefined;
}

/** The error for the daemon's callers, its causes as texts. */
export function fromFailure(failure: Failure): IgniteError {
  const cause = failure.causes.reduceRight<Error | undefined>(
    (inner, text) => new Error(text, inner === undefined ? undefined : { cause: inner }),
    undefined,
  );
  return new IgniteError(failure.code, failure.message, cause === undefined ? {} : { cause });
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
