// A connection that several wait for is opened once. Who gives up goes alone; when all have gone the opening is given up.

export interface Opening<T> {
  readonly result: Promise<T>;
  /** Nobody waits for it any more: it will fail, and whoever comes now begins anew after it. */
  readonly givenUp: boolean;
  /** Waits for it. @throws what the opening throws; `late` of a signal that comes first while others still wait */
  join(signal: AbortSignal): Promise<T>;
}

/**
 * Begins an opening.
 * @param open gets a signal that comes when all have gone
 * @param late the error of one that goes alone
 */
export function beginOpening<T>(
  open: (signal: AbortSignal) => Promise<T>,
  late: (reason: unknown) => Error,
): Opening<T> {
  const stop = new AbortController();
  const result = open(stop.signal);
  let opened = false;
  result.then(
    () => {
      opened = true;
    },
    () => {}, // each that waits is told
  );
  const waiting = new Set<object>();
  return {
    result,
    get givenUp() {
      return stop.signal.aborted && !opened;
    },
    join: async (signal) => {
      const left = Promise.withResolvers<never>();
      waiting.add(left);
      const leave = () => {
        waiting.delete(left);
        if (waiting.size > 0) left.reject(late(signal.reason));
        else if (!opened) stop.abort(signal.reason); // and is told by the result
      };
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
      try {
        return await Promise.race([result, left.promise]);
      } finally {
        waiting.delete(left);
        signal.removeEventListener('abort', leave);
      }
    },
  };
}
