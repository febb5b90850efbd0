// One after the other: work on the network as a whole waits for the work before it.

/** Returns a function that runs tasks one at a time, in the order they were handed in. */
export function serialQueue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    last = result.catch(() => undefined);
    return result;
  };
}
