// When something that failed is tried again: after 30 s, then twice as long each time, at most ten minutes.
import type { IgniteError } from '@ignite/api';

const FIRST_MS = 30_000;
const MOST_MS = 600_000;

export interface Backoff {
  /** The failure of before while it is too early to try again. */
  holds(key: string): IgniteError | undefined;
  /** What came of a try; undefined: it went well. */
  note(key: string, error: IgniteError | undefined): void;
  /** A new wish is tried at once. */
  forget(): void;
}

/** @param now milliseconds */
export function createBackoff(now: () => number): Backoff {
  const failures = new Map<
    string,
    { readonly error: IgniteError; readonly until: number; readonly delay: number }
  >();
  return {
    holds: (key) => {
      const failure = failures.get(key);
      return failure !== undefined && now() < failure.until ? failure.error : undefined;
    },
    note: (key, error) => {
      const before = failures.get(key);
      if (error === undefined) failures.delete(key);
      else if (before === undefined || now() >= before.until) {
        const delay = before === undefined ? FIRST_MS : Math.min(before.delay * 2, MOST_MS);
        failures.set(key, { error, until: now() + delay, delay });
      }
    },
    forget: () => failures.clear(),
  };
}
