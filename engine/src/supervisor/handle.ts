// The daemon's hold on one live supervisor: its status, its channels, its end. Losing the hold changes nothing for the VM.
import { join } from 'node:path';
import { type Clock, isAlive, type ProcessIdentity } from '../host/index.ts';
import { isIgniteError } from '@ignite/api';
import { readExitRecord, SOCKET_FILE } from './files.ts';
import { openChannel } from './connect.ts';
import { readCounters } from './counters.ts';
import { killVmm } from './kill.ts';
import type { ExitRecord, SupervisorHandle, SupervisorStatus } from './port.ts';
import type { SpawnRecord } from './schema.ts';
import { openStatusFeed, type StatusFeed } from './status-feed.ts';

/** Deadline of the steps that follow the loss of the status connection. */
const LOOK_AGAIN_MS = 5_000;
const EXIT_POLL_MS = 5;

export interface HandleInput {
  readonly runDirectory: string;
  readonly record: SpawnRecord;
  readonly feed: StatusFeed;
  readonly clock: Clock;
}

/** Builds the handle over an open status connection. */
export function createHandle({ runDirectory, record, feed, clock }: HandleInput): SupervisorHandle {
  const socketPath = join(runDirectory, SOCKET_FILE);
  const process: ProcessIdentity = { pid: record.pid, startTime: record.startTime, bootId: record.bootId };
  const listeners = new Set<(status: SupervisorStatus) => void>();
  const stop = new AbortController();
  let current = feed;
  const tell = (status: SupervisorStatus) => {
    for (const listener of [...listeners]) listener(status);
  };
  const relay = (next: StatusFeed) => {
    current = next;
    next.onStatus(tell);
    tell(next.current());
  };
  relay(feed);
  const ended = watchEnd({
    socketPath,
    process,
    exitPath: record.exit,
    clock,
    relay,
    feed,
    stop: stop.signal,
  });
  return {
    slot: record.slot,
    process,
    status: () => current.current(),
    onStatus: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open: (channel, signal) => openChannel(socketPath, channel, signal),
    counters: (signal) => readCounters(socketPath, signal),
    kill: (signal) => killVmm({ socketPath, process, ended }, signal),
    ended,
    close: () => {
      stop.abort();
      current.close();
    },
  };
}

interface Watch {
  readonly socketPath: string;
  readonly process: ProcessIdentity;
  readonly exitPath: string;
  readonly clock: Clock;
  readonly relay: (feed: StatusFeed) => void;
  readonly feed: StatusFeed;
  readonly stop: AbortSignal;
}

/** Follows the status connection; one that was lost while the supervisor lives is made again. */
async function watchEnd(watch: Watch): Promise<ExitRecord | undefined> {
  let { feed } = watch;
  for (;;) {
    await feed.closed;
    if (watch.stop.aborted) return new Promise(() => {}); // let go of: whoever closed it does not wait for it
    const { exit } = feed.current();
    if (exit !== undefined || !isAlive(watch.process)) {
      await waitForDeath(watch);
      return exit ?? readExitRecord(watch.exitPath).catch(() => undefined); // a record nobody can read is none
    }
    const next = await reconnect(watch);
    if (next === undefined) continue;
    feed = next;
    watch.relay(next);
  }
}

async function reconnect({ socketPath, clock }: Watch): Promise<StatusFeed | undefined> {
  try {
    return await openStatusFeed(socketPath, AbortSignal.timeout(LOOK_AGAIN_MS));
  } catch (error) {
    if (!isIgniteError(error)) throw error;
    await clock.sleep(EXIT_POLL_MS); // between its last word and its exit, or too busy to answer
    return undefined;
  }
}

/** The connection ends a moment before the process does. */
async function waitForDeath({ process, clock }: Watch): Promise<void> {
  const deadline = clock.monotonicMs() + LOOK_AGAIN_MS;
  while (isAlive(process) && clock.monotonicMs() < deadline) await clock.sleep(EXIT_POLL_MS);
}
