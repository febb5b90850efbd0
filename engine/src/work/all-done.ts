// Work side by side that is over when all of it is: who cleans up after a failure must not meet one that still writes.

/** The results in order. Waits for every one to end. @throws what the first of them in order failed with */
export async function allDone<const T extends readonly Promise<unknown>[]>(
  works: T,
): Promise<{ readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(works);
  return await Promise.all(works);
}
