// Waits for a time, or until it is rung; a ring while nothing waits ends the next wait at once.

export interface Waker {
  ring(): void;
  /** Settles after the time, at a ring, or at the abort. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** A waker that was not rung yet. */
export function createWaker(): Waker {
  let rung = false;
  let wake: () => void = () => {};
  return {
    ring: () => {
      rung = true;
      wake();
    },
    wait: async (ms, signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      const stop = () => resolve();
      signal.addEventListener('abort', stop);
      wake = resolve;
      if (!rung && !signal.aborted) await promise;
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      rung = false;
    },
  };
}
