// The janitor: asks every finder, then removes what was found, and reports the outcome of each.
import type { Found, Finder } from './broom.ts';
import type { Janitor, Swept } from './port.ts';

/** @param finders in the order in which things must go: a process before its group, a tap before its namespace */
export function createJanitor(
  finders: readonly Finder[],
  queue: <T>(work: () => Promise<T>) => Promise<T>,
): Janitor {
  return {
    sweep: ({ dryRun, signal }) =>
      queue(async () => {
        const swept: Swept[] = [];
        for (const find of finders) {
          signal.throwIfAborted();
          for (const found of await find(signal)) swept.push(await deal(found, dryRun, signal));
        }
        return swept;
      }),
  };
}

async function deal({ remove, ...stray }: Found, dryRun: boolean, signal: AbortSignal): Promise<Swept> {
  if (remove === undefined) return { ...stray, result: 'left' };
  if (dryRun) return { ...stray, result: 'stray' };
  try {
    await remove(signal);
    return { ...stray, result: 'removed' };
  } catch (error) {
    return { ...stray, result: 'failed', problem: error instanceof Error ? error.message : String(error) };
  }
}
