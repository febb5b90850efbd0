// Whether and when a VM that ended starts again: Docker's policies, as pure functions (CLI rule 17).

interface RestartPolicy {
  readonly name: 'no' | 'on-failure' | 'always' | 'unless-stopped';
  /** on-failure only: 0 is without limit. */
  readonly maximumRetryCount: number;
}

/** How a VM ended, as far as the policy cares. */
interface EndForPolicy {
  /** Somebody asked for it: stop, kill, rm. */
  readonly asked: boolean;
  /** The guest asked for a reboot. */
  readonly rebooted: boolean;
  /** The main process ended well, or the machine powered off cleanly. */
  readonly success: boolean;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
/**
 * A VM that ran this long has its delay and its count reset. Longer than Docker's ten seconds: a boot counts in, and an
 * emulated guest on a busy host takes more than those to fail.
 */
export const STEADY_AFTER_MS = 60_000;

/** Whether to start again. @param restarts how many times in a row it was restarted already */
export function shouldRestart(policy: RestartPolicy, end: EndForPolicy, restarts: number): boolean {
  if (end.asked || policy.name === 'no') return false;
  if (end.rebooted) return true;
  if (policy.name !== 'on-failure') return true;
  return !end.success && (policy.maximumRetryCount === 0 || restarts < policy.maximumRetryCount);
}

/** How long to wait before the restart, in ms: doubling from 100 ms to a minute. */
export function restartDelayMs(restarts: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(restarts, 20));
}
