// Does asynchronous work strictly one after the other; a failure does not stop what comes next.

export type Queue = <T>(work: () => Promise<T>) => Promise<T>;

/** A new, empty queue. */
export function createQueue(): Queue {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = tail.then(work);
    tail = result.catch(() => {});
    return result;
  };
}
