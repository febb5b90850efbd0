// The errors of this package, worded alike: they name the entry.
import { type ErrorCode, IgniteError } from '@ignite/api/errors';
import type { BytePath } from './entry.ts';

const LONGEST_SHOWN = 200;

/** A path for a message: as text, quoted, shortened. */
export function shown(path: BytePath): string {
  const text = Buffer.from(path, 'latin1').toString('utf8');
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
}

/** The error about one entry. */
export function entryError(code: ErrorCode & `ext4/${string}`, path: BytePath, what: string): IgniteError {
  return new IgniteError(code, `Entry ${shown(path)}: ${what}`);
}
