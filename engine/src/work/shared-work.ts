// Work that several callers want at once is done once. It ends early only when every caller has gone.
import type { Progress, Report } from '@ignite/api';
import { cancelled } from './cancelled.ts';

export interface Caller {
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface SharedWork<T> {
  /**
   * Joins the work under `key`, or starts it. The work gets a signal of its own and reports to all who wait.
   * A caller that aborts alone leaves at once; the last one leaves when the work has cleaned up.
   */
  run(key: string, caller: Caller, work: (shared: Caller) => Promise<T>): Promise<T>;
}

interface Running<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  readonly callers: Set<Caller>;
}

/** Makes an empty board of shared work. */
export function createSharedWork<T>(): SharedWork<T> {
  const board = new Map<string, Running<T>>();

  const start = (key: string, work: (shared: Caller) => Promise<T>): Running<T> => {
    const stop = new AbortController();
    const callers = new Set<Caller>();
    const report = (progress: Progress) => {
      for (const caller of callers) caller.report(progress);
    };
    const result = work({ report, signal: stop.signal }).finally(() => board.delete(key));
    result.catch(() => {}); // each caller sees it through its own race
    const running = { result, stop, callers };
    board.set(key, running);
    return running;
  };

  return {
    async run(key, caller, work) {
      for (;;) {
        if (caller.signal.aborted) throw cancelled(caller.signal);
        const found = board.get(key);
        if (found?.stop.signal.aborted) {
          await found.result.catch(() => {}); // given up and cleaning: what comes next begins anew
          continue;
        }
        return await join(found ?? start(key, work), caller);
      }
    },
  };
}

async function join<T>(running: Running<T>, caller: Caller): Promise<T> {
  const left = Promise.withResolvers<never>();
  const leave = () => {
    running.callers.delete(caller);
    if (running.callers.size > 0) return left.reject(cancelled(caller.signal));
    running.stop.abort(cancelled(caller.signal));
    running.result.then(
      () => left.reject(cancelled(caller.signal)),
      () => left.reject(cancelled(caller.signal)),
    );
  };
  running.callers.add(caller);
  caller.signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([
      left.promise,
      running.result.catch((error) => afterAbort(error, running, left.promise)),
    ]);
  } finally {
    caller.signal.removeEventListener('abort', leave);
    running.callers.delete(caller);
  }
}

// Stopped work fails with whatever broke first; the caller is told that it was cancelled.
function afterAbort<T>(error: unknown, running: Running<T>, left: Promise<never>): Promise<never> {
  return running.stop.signal.aborted ? left : Promise.reject(error);
}
