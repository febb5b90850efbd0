// Ends a daemon and waits until its process is gone: only then may its files go.
import { readFile } from 'node:fs/promises';
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
  while (await isRunning(pid)) {
    if (performance.now() > until)
      throw new IgniteError('cli/not-stopped', `The daemon (pid ${pid}) does not end`);
    await delay(BETWEEN_MS, undefined, { signal });
  }
}

/**
 * Whether it runs, as far as can be seen. One that has ended and waits for its parent to notice, in a container whose first
 * process never looks, does not (proc_pid_stat(5), `state`).
 */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return !/^\d+ \(.*\) [ZX] /s.test(stat);
}
