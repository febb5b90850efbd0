// Ends downloads that hardly progress in favour of others: a registry may send a byte a minute for days, and only a few
// layers are downloaded and converted at once.

/** How often it is looked how much has come. */
export const LOOK_MS = 15_000;
/** So much should have come by then: 35 KB a second. */
const LEAST_BYTES = 512 << 10;

/**
 * Looks until disposed, or until it has called `slow` once.
 * @param received bytes that are there by now
 * @param total bytes that are awaited: what is whole is never slow
 */
export function watchPace(received: () => number, total: number, slow: () => void): Disposable {
  let before = received();
  const timer = setInterval(() => {
    const now = received();
    const hasComeOn = now - before >= LEAST_BYTES;
    before = now;
    if (hasComeOn && now < total) return;
    clearInterval(timer);
    if (now < total) slow();
  }, LOOK_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
