// Parallel imports of one source share the work: it is done once, and ends early only when nobody waits any more.

/** Runs `work` for a key, or joins the run that is under way. */
export type SingleFlight<T> = (
  key: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();
  return async (key, signal, work) => {
    signal.throwIfAborted();
    let flight = flights.get(key);
    if (flight === undefined || flight.controller.signal.aborted) {
      const controller = new AbortController();
      const result = work(controller.signal);
      const own = { result, controller, waiting: 0 };
      flight = own;
      flights.set(key, own);
      const forget = () => {
        if (flights.get(key) === own) flights.delete(key);
      };
      result.then(forget, forget);
    }
    return await join(flight, signal);
  };
}

async function join<T>(flight: Flight<T>, signal: AbortSignal): Promise<T> {
  flight.waiting += 1;
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => {
    flight.waiting -= 1;
    // the last to leave ends the work and waits until it has cleaned up
    if (flight.waiting > 0) reject(signal.reason);
    else flight.controller.abort(signal.reason);
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([flight.result, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
