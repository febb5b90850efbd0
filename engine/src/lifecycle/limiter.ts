// Bounds how many boots run at once: more than the host's cores only makes each of them slower (D3).

export interface Limiter {
  /** Waits for a place, in order of arrival; the place is given back when the returned value is disposed. */
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

  return {
    enter: async (signal) => {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return place();
      }
      const turn = Promise.withResolvers<void>();
      const onAbort = () => {
        const index = waiting.indexOf(turn.resolve);
        if (index >= 0) waiting.splice(index, 1);
        turn.reject(signal.reason);
      };
      waiting.push(turn.resolve);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        await turn.promise;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
      return place();
    },
  };
}
