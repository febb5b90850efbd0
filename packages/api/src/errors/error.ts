// The one error class of the project.
import { type ErrorCode, errorEntry } from './catalogue.ts';
import type { ErrorEntry } from './entry.ts';

/** Facts about one occurrence; values are shown and logged, so no secrets. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface IgniteErrorOptions {
  readonly cause?: unknown;
  readonly details?: ErrorDetails;
  /** The stage of a start or an import that failed, in words: `boot`, `pull`, … */
  readonly stage?: string;
}

/**
 * A failure with a code from the catalogue. The message starts with a capital, names the object and never
 * repeats the cause's text: the printer shows the chain.
 */
export class IgniteError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly stage: string | undefined;

  constructor(code: ErrorCode, message: string, options: IgniteErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IgniteError';
    this.code = code;
    this.details = options.details ?? {};
    this.stage = options.stage;
  }

  get entry(): ErrorEntry {
    return errorEntry(this.code);
  }
}

/** Whether a caught value is an IgniteError, of the given code where one is given. */
export function isIgniteError(value: unknown, code?: ErrorCode): value is IgniteError {
  return value instanceof IgniteError && (code === undefined || value.code === code);
}
