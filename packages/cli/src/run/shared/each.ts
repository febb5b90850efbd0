// Several objects in one command: each is tried, UIDs go to stdout, failures are listed (CLI rules 11 and 12).
import { isIgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../../context.ts';
import { printError } from '../../output/errors.ts';

/** How many VMs a command ends or starts at the same time: it waits for guests, which wait for their own programs. */
export const AT_ONCE = 32;

/**
 * Does `act` for every word and prints the UID it gives, in the order of the words; undefined prints nothing.
 * @param atOnce for how many words at the same time
 * @returns the exit status: 1 where one failed
 */
export async function forEach(
  { out, signal }: CommandContext,
  words: readonly string[],
  act: (word: string) => Promise<string | undefined>,
  atOnce = 1,
): Promise<number> {
  let failed = 0;
  for await (const done of inTurn(words, act, atOnce, signal)) {
    if ('uid' in done) {
      if (done.uid !== undefined) out.data(done.uid);
      continue;
    }
    if (signal.aborted) throw done.error;
    failed += 1;
    printError(out, done.error);
  }
  return failed === 0 ? 0 : 1;
}

type Done = { readonly uid: string | undefined } | { readonly error: unknown };

/** Works on this many at once, and prints the results in the order of the words. Nothing is begun after the signal. */
async function* inTurn(
  words: readonly string[],
  act: (word: string) => Promise<string | undefined>,
  atOnce: number,
  signal: AbortSignal,
): AsyncGenerator<Done> {
  const begin = async (word: string): Promise<Done> => {
    try {
      signal.throwIfAborted();
      return { uid: await act(word) };
    } catch (error) {
      return { error };
    }
  };
  const begun: Promise<Done>[] = [];
  for (const word of words) {
    begun.push(begin(word));
    if (begun.length < atOnce) continue;
    const first = await begun.shift();
    if (first !== undefined) yield first;
  }
  for (const one of begun) yield await one;
}

/**
 * For words that may name the same object, by name and by UID: what is asked for with the same key is done one after the
 * other, so that nothing is overtaken by its own command. A failure before is no reason not to.
 */
export function inOrder(): <T>(key: string, act: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, act) => {
    const before = last.get(key) ?? Promise.resolve();
    const done = before.catch(() => {}).then(act);
    last.set(key, done);
    return done;
  };
}

/** Whether an error says that the object is not there. */
export function isNotFound(error: unknown): boolean {
  return isIgniteError(error) && error.entry.status === 404;
}
