// Long work on the daemon's loop, in portions: what others asked meanwhile is answered between two of them.
import { setImmediate as yieldToOthers } from 'node:timers/promises';

const AT_ONCE_MS = 20;

/** Gives a function to be awaited between the pieces of a work: it lets others have their turn after a while. */
export function takeTurns(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun <= AT_ONCE_MS) return;
    await yieldToOthers();
    begun = performance.now();
  };
}
