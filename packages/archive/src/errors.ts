// The errors of this package, worded alike: they name the entry, or where in the archive it stands.
import { IgniteError } from '@ignite/api/errors';
import { byteStringText } from './byte-string.ts';
import type { ByteString } from './entry.ts';

const LONGEST_SHOWN = 200;

/** An entry's name for a message: quoted, control characters escaped, shortened. */
export function shown(name: ByteString): string {
  const text = byteStringText(name);
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
}

/** Bytes that are no tar archive. */
export function malformed(where: string, what: string): IgniteError {
  return new IgniteError('archive/malformed', `The archive is malformed at ${where}: ${what}`);
}

/** The stream ended inside `where`. */
export function truncated(where: string): IgniteError {
  return new IgniteError('archive/truncated', `The archive ends in the middle of ${where}`);
}

/** A kind of entry or feature we do not take. */
export function unsupported(where: string, what: string): IgniteError {
  return new IgniteError('archive/unsupported-entry', `The archive has ${what} at ${where}`);
}

/** Sizes and counts no honest archive has. */
export function beyondLimit(where: string, what: string): IgniteError {
  return new IgniteError('archive/limit', `The archive goes beyond a limit at ${where}: ${what}`);
}
