// Opens a connection once for several callers. A caller may give up alone; when all have given up, so is the opening.
// A connection of which there may be only one is kept, and forgotten when it ends.

export interface Opening<T> {
  readonly result: Promise<T>;
  /** All callers have given it up: it will fail, and the next caller opens another one afterwards. */
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
    () => {}, // each waiting caller gets the error
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
        else if (!opened) stop.abort(signal.reason); // and the result says so
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

/** Where the one connection of its kind is kept. */
export interface Kept<T> {
  opening?: Opening<T> | undefined;
}

/**
 * Waits for the connection that is kept, or begins one.
 * @param begin called where none is kept; throws where none can be
 */
export async function joinKept<T extends { readonly closed: Promise<unknown> }>(
  kept: Kept<T>,
  begin: () => Opening<T>,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    const opening = kept.opening ?? keep(kept, begin());
    if (!opening.givenUp) return await opening.join(signal);
    await opening.result.catch(() => {});
    forget(kept, opening);
  }
}

/** Ends the connection that is kept, as soon as it is open. */
export function endKept({ opening }: Kept<AsyncDisposable>): void {
  opening?.result.then(
    (connection) => void connection[Symbol.asyncDispose](),
    () => {},
  );
}

function keep<T extends { readonly closed: Promise<unknown> }>(
  kept: Kept<T>,
  opening: Opening<T>,
): Opening<T> {
  kept.opening = opening;
  const over = () => forget(kept, opening);
  opening.result.then((connection) => void connection.closed.finally(over), over);
  return opening;
}

function forget<T>(kept: Kept<T>, opening: Opening<T>): void {
  if (kept.opening === opening) kept.opening = undefined;
}
