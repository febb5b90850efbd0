// Several objects in one command: each is tried, UIDs go to stdout, failures are listed (CLI rules 11 and 12).
import { isIgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { printError } from '../output/errors.ts';

/**
 * Does `act` for every word in turn and prints the UID it gives; undefined prints nothing.
 * @returns the exit status: 1 where one failed
 */
export async function forEach(
  { out, signal }: CommandContext,
  words: readonly string[],
  act: (word: string) => Promise<string | undefined>,
): Promise<number> {
  let failed = 0;
  for (const word of words) {
    try {
      signal.throwIfAborted();
      const uid = await act(word);
      if (uid !== undefined) out.data(uid);
    } catch (error) {
      if (signal.aborted) throw error;
      failed += 1;
      printError(out, error);
    }
  }
  return failed === 0 ? 0 : 1;
}

/** Whether an error says that the object is not there. */
export function isNotFound(error: unknown): boolean {
  return isIgniteError(error) && error.entry.status === 404;
}
