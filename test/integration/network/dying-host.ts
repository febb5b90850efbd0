// A daemon that ends in the middle: its host runs so many programs and then no more.
import assert from 'node:assert/strict';
import type { Commands } from '../../../engine/src/host/index.ts';

/** Acts with a host that runs `limit` programs. @returns whether it ended before the act was done */
export async function endsEarly(
  host: Commands,
  limit: number,
  act: (commands: Commands) => Promise<void>,
): Promise<boolean> {
  const crash = new Error('crashed');
  const running = new Set<Promise<unknown>>();
  let left = limit;
  const commands: Commands = {
    run: async (argv, options) => {
      if (left-- <= 0) throw crash;
      const run = host.run(argv, options);
      running.add(run);
      return run;
    },
  };
  try {
    await act(commands);
    return false;
  } catch (error) {
    assert.equal(error, crash);
    return true;
  } finally {
    await Promise.allSettled(running);
  }
}
