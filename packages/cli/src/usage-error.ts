// Mistakes in what was typed: printed with the command's usage on stderr (CLI rule 18).
import { IgniteError } from '@ignite/api/errors';

/** A usage error; `cause` where another message says more. */
export function usage(message: string, cause?: unknown): IgniteError {
  return new IgniteError('cli/usage', message, cause === undefined ? {} : { cause });
}
