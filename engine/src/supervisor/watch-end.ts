// Notices when a supervisor is gone: follows its status connection, and believes only the process itself. Nothing here
// rejects: a VM whose end goes unnoticed would be shown as running for ever.
import type { Clock } from '../host/index.ts';
import type { ExitRecord } from './port.ts';
import type { StatusFeed } from './status-feed.ts';

/** Deadline of the steps that follow the loss of the status connection. */
const LOOK_AGAIN_MS = 5_000;
const EXIT_POLL_MS = 5;
/** Between two looks that fail: no descriptor is free, or the disk does not read. */
const REST_MS = 200;

export interface Watch {
  readonly open: (signal: AbortSignal) => Promise<StatusFeed>;
  /** Throws where it cannot be known. */
  readonly isAlive: () => boolean;
  readonly readExit: () => Promise<ExitRecord | undefined>;
  readonly clock: Pick<Clock, 'sleep' | 'monotonicMs'>;
  /** Called with each connection after the first. */
  readonly relay: (feed: StatusFeed) => void;
  readonly feed: StatusFeed;
  /** Aborted when nobody wants to know any more: then this never settles. */
  readonly stop: AbortSignal;
}

/**
 * Follows the status connection; one that was lost while the supervisor lives is made again.
 * @returns its exit record, undefined where it died without one, or with one that nobody can read; never rejects
 */
export async function watchEnd(watch: Watch): Promise<ExitRecord | undefined> {
  let { feed } = watch;
  for (;;) {
    await feed.closed;
    if (watch.stop.aborted) return new Promise(() => {}); // the handle was closed, and nobody waits for its end
    const { exit } = feed.current();
    if (exit !== undefined || !(await lives(watch))) {
      await waitForDeath(watch);
      return watch.stop.aborted ? new Promise(() => {}) : (exit ?? (await recordOf(watch)));
    }
    const next = await reconnect(watch);
    if (next === undefined) continue;
    feed = next;
    if (watch.stop.aborted)
      feed.close(); // the handle was closed meanwhile, which closed only the feed before this one
    else watch.relay(next);
  }
}

/** Whether it lives; if that cannot be found out now, it is tried again until it can. */
async function lives({ isAlive, clock, stop }: Watch): Promise<boolean> {
  for (;;) {
    try {
      return isAlive();
    } catch {
      if (stop.aborted) return true; // nobody wants to know any more
      await clock.sleep(REST_MS);
    }
  }
}

async function reconnect({ open, clock }: Watch): Promise<StatusFeed | undefined> {
  try {
    return await open(AbortSignal.timeout(LOOK_AGAIN_MS));
  } catch {
    await clock.sleep(EXIT_POLL_MS); // between its last word and its exit, or too busy to answer, or no descriptor is free
    return undefined;
  }
}

/** The connection ends a moment before the process does; one that hangs on its way out has not ended, and holds what it held. */
async function waitForDeath(watch: Watch): Promise<void> {
  const { clock, stop } = watch;
  const soon = clock.monotonicMs() + LOOK_AGAIN_MS;
  while (!stop.aborted && (await lives(watch)))
    await clock.sleep(clock.monotonicMs() < soon ? EXIT_POLL_MS : REST_MS);
}

/** The record, tried again for a while: it is written before the supervisor ends. */
async function recordOf({ readExit, clock }: Watch): Promise<ExitRecord | undefined> {
  const deadline = clock.monotonicMs() + LOOK_AGAIN_MS;
  for (;;) {
    try {
      return await readExit();
    } catch {
      if (clock.monotonicMs() >= deadline) return undefined;
      await clock.sleep(REST_MS);
    }
  }
}
