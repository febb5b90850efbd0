// Trying again with growing pauses.
import { isIgniteError } from '@ignite/api';
import type { Clock } from '../../host/index.ts';
import { isPassing, nobodyListens } from './failures.ts';

/** A registry that asks for a longer pause than this is not waited for. */
const LONGEST_PAUSE_MS = 60_000;
/** Attempts where nothing listened from the start: more would only delay the error for a wrong address. */
const KNOCKS = 3;

interface RetryPlan {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The registry has answered before: if nothing listens now, it is restarting, and gets all attempts. */
  readonly met?: boolean;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed `attempts` times in a row. An attempt that made
 * progress (it says so through `progressed`) starts the count anew.
 */
export async function withRetry<T>(
  plan: RetryPlan,
  attempt: (progressed: () => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  let met = plan.met ?? false;
  for (;;) {
    try {
      return await attempt(() => {
        failures = 0;
        met = true;
      });
    } catch (error) {
      failures += 1;
      met ||= !nobodyListens(error);
      const attempts = met ? plan.attempts : Math.min(plan.attempts, KNOCKS);
      const pause = pauseAfter(error, failures, plan.backoffMs);
      if (!isPassing(error) || failures >= attempts || pause > LONGEST_PAUSE_MS || plan.signal.aborted)
        throw error;
      await plan.clock.sleep(pause, plan.signal);
    }
  }
}

/** Milliseconds to wait after the n-th failure in a row: doubling, or what the registry asks for. */
function pauseAfter(error: unknown, failures: number, backoffMs: number): number {
  const asked = isIgniteError(error) ? error.details['retryAfterSeconds'] : undefined;
  const doubling = backoffMs * 2 ** (failures - 1);
  return typeof asked === 'number' ? Math.max(asked * 1000, doubling) : doubling;
}
