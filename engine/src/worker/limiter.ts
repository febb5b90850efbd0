// At most so many at once; the others wait in order.
import { cancelled } from './cancelled.ts';

/** Runs `work` when there is a place. @throws IgniteError `host/cancelled` while waiting */
export type Limiter = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Makes a limiter of `places` places. */
export function createLimiter(places: number): Limiter {
  let free = places;
  const waiting: (() => void)[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const acquire = (signal: AbortSignal): Promise<void> | undefined => {
    if (free > 0) {
      free -= 1;
      return undefined;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const enter = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      waiting.splice(waiting.indexOf(enter), 1);
      reject(cancelled(signal));
    };
    waiting.push(enter);
    signal.addEventListener('abort', leave, { once: true });
    return promise;
  };
  return async (signal, work) => {
    if (signal.aborted) throw cancelled(signal);
    await acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  };
}
