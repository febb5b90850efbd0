// The daemon's hold on one live supervisor: its status, its channels, its end. Losing the hold changes nothing for the VM.
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { type Clock, isAlive, type ProcessIdentity } from '../host/index.ts';
import { readExitRecord, SOCKET_FILE } from './files.ts';
import { openChannel } from './connect.ts';
import { readCounters } from './counters.ts';
import { killVmm } from './kill.ts';
import type { SupervisorHandle, SupervisorStatus } from './port.ts';
import type { SpawnRecord } from './schema.ts';
import { openStatusFeed, type StatusFeed } from './status-feed.ts';
import { watchEnd } from './watch-end.ts';

interface HandleInput {
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
    open: (signal) => openStatusFeed(socketPath, signal),
    isAlive: () => isAlive(process),
    readExit: () => readExitRecord(record.exit),
    clock,
    relay,
    feed,
    stop: stop.signal,
  });
  const over = new AbortController();
  setMaxListeners(0, over.signal); // one for each that follows the VM
  void ended.then(() => over.abort());
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
    kill: (signal) => killVmm({ socketPath, process, ended, clock }, signal),
    ended,
    over: over.signal,
    close: () => {
      stop.abort();
      current.close();
    },
  };
}
