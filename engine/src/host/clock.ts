// Time as a port: rooms ask a Clock, tests hand in one that they move by hand.
import { setTimeout as delay } from 'node:timers/promises';
import { timerMs } from '@ignite/api/durations';

export interface Clock {
  /** Wall clock, for people. */
  now(): Date;
  /** Milliseconds of a clock that never jumps, for delays and deadlines. */
  monotonicMs(): number;
  /** Waits; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The host's clock. */
export function hostClock(): Clock {
  return {
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    sleep: async (ms, signal) => {
      await delay(timerMs(ms), undefined, signal === undefined ? {} : { signal });
    },
  };
}
