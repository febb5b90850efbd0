// What is wrong with an object, all of it at once (API-R06).
import { IgniteError } from '../errors/error.ts';
import type { ErrorCode } from '../errors/catalogue.ts';

/** One thing wrong: where, and what; the two read as one sentence: `spec.cpus must be at least 1`. */
export interface Violation {
  /** `spec.network.ports[1]`; empty: the whole object. */
  readonly path: string;
  readonly message: string;
  /** Place in the text it was read from, counted from 1. */
  readonly line?: number;
  readonly column?: number;
}

const SHOWN = 20;

/** `line 4, column 9: spec.cpus must be at least 1` */
export function describeViolation(violation: Violation): string {
  const { path, message, line, column } = violation;
  const place = line === undefined ? '' : `line ${line}, column ${column ?? 1}: `;
  return `${place}${path === '' ? '' : `${path} `}${message}`;
}

/** One error for all violations; `details.violations` has every one as text. */
export function violationsError(
  code: ErrorCode,
  what: string,
  violations: readonly Violation[],
): IgniteError {
  const texts = violations.map(describeViolation);
  const more = texts.length > SHOWN ? [`and ${texts.length - SHOWN} more`] : [];
  const list = [...texts.slice(0, SHOWN), ...more].join('; ');
  return new IgniteError(code, `${what} is invalid: ${list}`, { details: { violations: texts } });
}

/** Joins a path of keys and indexes: `spec.network.ports[1]`. */
export function joinPath(parts: readonly PropertyKey[]): string {
  return parts
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}
