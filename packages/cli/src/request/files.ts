// Files of the caller, read with the caller's rights (CLI rule 21).
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { IgniteError } from '@ignite/api/errors';

/** Text of a file named by the user, relative to where they are; `-` is not special. */
export async function readText(path: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The error for a file that cannot be read. */
export function unreadable(path: string, cause: unknown): IgniteError {
  return new IgniteError('cli/file-unreadable', `The file ${path} cannot be read`, { cause });
}

/** The error for a line that makes no sense. */
export function badFile(path: string, line: number, what: string): IgniteError {
  return new IgniteError('cli/bad-file', `${path}, line ${line}: ${what}`, { details: { path, line } });
}
