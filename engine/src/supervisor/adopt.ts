// Finds the live supervisor of a run directory, no matter which daemon started it.
import { join } from 'node:path';
import { IgniteError, isIgniteError } from '@ignite/api';
import { VERSION } from '@ignite/protocol';
import { type Clock, isAlive, type ProcessIdentity } from '../host/index.ts';
import { readSpawnRecord, SOCKET_FILE } from './files.ts';
import { createHandle } from './handle.ts';
import type { SupervisorHandle } from './port.ts';
import { openStatusFeed, type StatusFeed } from './status-feed.ts';

/** Between two tries to reach a supervisor that lives. */
const AGAIN_MS = 20;

/**
 * Takes hold of a live supervisor; undefined where none runs: a stale file, a reused pid, another boot.
 * @throws IgniteError `supervisor/silent` when it lives and does not answer, `supervisor/unknown-version`
 */
export async function adoptSupervisor(
  runDirectory: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<SupervisorHandle | undefined> {
  const record = await readSpawnRecord(runDirectory);
  if (record === undefined || !isAlive(record)) return undefined;
  // A newer daemon speaks every older version; the other way round nothing is known (DESIGN D4).
  if (record.version > VERSION.SPAWN)
    throw new IgniteError(
      'supervisor/unknown-version',
      `The supervisor of ${record.vm} speaks version ${record.version}, this daemon only ${VERSION.SPAWN}`,
    );
  const feed = await openFeed(join(runDirectory, SOCKET_FILE), record, clock, signal);
  return feed === undefined ? undefined : createHandle({ runDirectory, record, feed, clock });
}

/** A connection that is refused or cut proves no end: only the process does. A busy supervisor closes the oldest of its clients. */
async function openFeed(
  socketPath: string,
  process: ProcessIdentity,
  clock: Clock,
  signal: AbortSignal,
): Promise<StatusFeed | undefined> {
  for (;;) {
    try {
      return await openStatusFeed(socketPath, signal);
    } catch (error) {
      if (!isIgniteError(error, 'supervisor/gone')) throw error;
      if (!isAlive(process)) return undefined; // it ended between two looks
      if (signal.aborted)
        throw new IgniteError(
          'supervisor/silent',
          `The supervisor at ${socketPath} lives and does not answer`,
          {
            cause: error,
          },
        );
    }
    await clock.sleep(AGAIN_MS);
  }
}
