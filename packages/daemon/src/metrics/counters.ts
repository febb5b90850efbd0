// Counts what happened since the daemon started, from the events that everybody else sees too.
import type { Engine } from '@ignite/engine';

export interface Counters {
  create: number;
  start: number;
  die: number;
  remove: number;
  fail: number;
}

/** Counts until the signal. */
export function countEvents({ events }: Pick<Engine, 'events'>, signal: AbortSignal): Counters {
  const counters: Counters = { create: 0, start: 0, die: 0, remove: 0, fail: 0 };
  void (async () => {
    for await (const { kind, action } of events.read({ since: events.last(), follow: true, signal }))
      if (kind === 'vm' && isCounted(action)) counters[action] += 1;
  })().catch(() => {}); // the end of the daemon
  return counters;
}

function isCounted(action: string): action is keyof Counters {
  return ['create', 'start', 'die', 'remove', 'fail'].includes(action);
}
