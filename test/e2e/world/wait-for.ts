// Waiting for a fact, looked at again and again until a deadline.
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 50;
/** Long, as it ends at once when the fact is there: a busy host may stand still for a while. */
const DEADLINE_MS = 180_000;

/** Settles with the first value that is neither false nor undefined. @throws Error naming the fact at the deadline */
export async function waitFor<T>(
  fact: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = DEADLINE_MS,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > until) throw new Error(`Not within ${timeoutMs / 1000} s: ${fact}`);
    await delay(EVERY_MS);
  }
}
