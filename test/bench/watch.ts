// How fast the daemon answers while something else goes on.
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@ignite/client';
import { timed } from './rounds.ts';
import { median, ms } from './table.ts';

const PAUSE_MS = 50;

/** Asks the daemon for its VMs again and again, as `ps` does; gives the times of the answers. */
export function keepAsking(client: Client): { end(): Promise<readonly number[]> } {
  const ended = new AbortController();
  const asking = (async () => {
    const times: number[] = [];
    while (!ended.signal.aborted) {
      times.push(await timed(() => client.listVms({ all: true })));
      await delay(PAUSE_MS);
    }
    return times;
  })();
  return {
    end() {
      ended.abort();
      return asking;
    },
  };
}

/** `3 ms, slowest 9 ms` */
export function spread(times: readonly number[]): string {
  return `${ms(median(times))}, slowest ${ms(Math.max(...times))}`;
}
