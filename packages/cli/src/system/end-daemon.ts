// Ends a daemon and waits until its process is gone: only then may its files go.
import { setTimeout as delay } from 'node:timers/promises';
import { IgniteError } from '@ignite/api/errors';
import type { Client } from '@ignite/client';

const DEADLINE_MS = 120_000;
const BETWEEN_MS = 50;

/**
 * Asks the daemon to end and waits for its process.
 * @param ask how it is asked; absent: by its API
 * @throws IgniteError `cli/not-stopped`
 */
export async function endDaemon(
  client: Client,
  signal: AbortSignal,
  ask: () => Promise<unknown> = () => client.shutdown({}, { signal }),
): Promise<void> {
  const { pid } = await client.version({ signal });
  await ask();
  const until = performance.now() + DEADLINE_MS;
  while (isThere(pid)) {
    if (performance.now() > until)
      throw new IgniteError('cli/not-stopped', `The daemon (pid ${pid}) does not end`);
    await delay(BETWEEN_MS, undefined, { signal });
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
