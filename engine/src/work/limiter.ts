// At most so many at once; the others wait in order. More boots than cores, or more downloads than connections, only make each
// slower.
import { cancelled } from './cancelled.ts';

export interface Limiter {
  /**
   * Waits for a place, in order of arrival; the place is given back when the returned value is disposed.
   * @throws IgniteError what the signal says, or `host/cancelled`
   */
  enter(signal: AbortSignal): Promise<Disposable>;
}

/** @param places how many may be inside at once */
export function createLimiter(places: number): Limiter {
  let free = places;
  const waiting: (() => void)[] = [];

  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const place = (): Disposable => {
    let left = false;
    return {
      [Symbol.dispose]: () => {
        if (!left) leave();
        left = true;
      },
    };
  };
  const turn = async (signal: AbortSignal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      const index = waiting.indexOf(resolve);
      if (index < 0) return; // its turn has come
      waiting.splice(index, 1);
      reject(cancelled(signal, 'The wait for a place'));
    };
    waiting.push(resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  };

  return {
    enter: async (signal) => {
      if (signal.aborted) throw cancelled(signal, 'The wait for a place');
      if (free > 0) free -= 1;
      else await turn(signal);
      return place();
    },
  };
}
