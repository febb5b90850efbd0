// What engines of one host must not share is chosen by one of them at a time: each looks at what the others have, and
// writes down what it took before the next one looks.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { IgniteError, isIgniteError } from '@ignite/api/errors';
import { makeFolder } from '../host/index.ts';
import { lockState } from './lock.ts';
import { guarded } from './state-errors.ts';

/** A file in the folder of the ordinals. */
const ENGINES_LOCK = 'lock';
const RETRY_MS = 20;
const DEADLINE_MS = 60_000;

/**
 * Runs `work` while no other engine of the host runs any; the kernel ends its turn with the process.
 * @param folder absolute: `/run/ignite-engines`
 * @throws IgniteError `host/deadline` when another one does not end
 */
export async function aloneOnHost<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await guarded('make', folder, () => makeFolder(folder));
  using _ = await turn(join(folder, ENGINES_LOCK));
  return await work();
}

async function turn(path: string): Promise<Disposable> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    try {
      return lockState(path);
    } catch (cause) {
      if (!isIgniteError(cause, 'state/locked')) throw cause;
      if (performance.now() > deadline)
        throw new IgniteError(
          'host/deadline',
          `Another engine has held ${path} for ${DEADLINE_MS / 1000} s`,
          {
            cause,
          },
        );
    }
    await delay(RETRY_MS);
  }
}
