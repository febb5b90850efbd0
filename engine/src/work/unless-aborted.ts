// Waits for a promise that others settle, until the signal aborts.

/**
 * What the promise brings, unless the signal comes first; the promise itself goes on.
 * @param late the error then; absent: the signal's reason
 */
export async function unlessAborted<T>(
  fact: Promise<T>,
  signal: AbortSignal,
  late: (reason: unknown) => unknown = (reason) => reason,
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(late(signal.reason));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([fact, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
