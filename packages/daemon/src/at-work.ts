// Keeps track of the requests that are still being served when the daemon ends: a cancelled import cleans up after itself, and no
// other daemon may work in the same folders before it has.

export interface AtWork {
  /** @param work settles when it is done; never rejects */
  add(work: Promise<void>): void;
  /** Settles when all that was added is done, or after `withinMs`. */
  done(withinMs: number): Promise<void>;
}

/** Nothing is at work. */
export function createAtWork(): AtWork {
  const open = new Set<Promise<void>>();
  return {
    add: (work) => {
      open.add(work);
      void work.finally(() => open.delete(work));
    },
    done: async (withinMs) => {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, withinMs);
      await Promise.race([Promise.all(open), late.promise]);
      clearTimeout(timer);
    },
  };
}
