// Waking those who wait for something new; a ring that nobody waits for is forgotten.

export interface Bell {
  ring(): void;
  /** Until the next ring, or until the signal. */
  wait(signal: AbortSignal): Promise<void>;
}

/** A new bell. */
export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of waiting) wake();
    },
    wait: (signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
        if (signal.aborted) wake();
      }),
  };
}
