// Work that several callers want at the same time is done once. It is cancelled only when every caller has cancelled.
import type { Progress, Report } from '@ignite/api';
import { cancelled } from './cancelled.ts';

export interface Caller {
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface SharedWork<T> {
  /**
   * Joins the work under `key`, or starts it. The work gets a signal of its own and reports to all callers.
   * A caller that cancels while others wait leaves at once; the last one leaves when the work has cleaned up.
   */
  run(key: string, caller: Caller, work: (shared: Caller) => Promise<T>): Promise<T>;
}

interface Running<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  readonly callers: Set<Caller>;
}

/** Nothing is under way. @param what names the work in the error of a caller that cancels: `The download` */
export function createSharedWork<T>(what: string): SharedWork<T> {
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
        if (caller.signal.aborted) throw cancelled(caller.signal, what);
        const found = board.get(key);
        if (found?.stop.signal.aborted) {
          await found.result.catch(() => {}); // cancelled and cleaning up: the next one begins anew
          continue;
        }
        return await join(found ?? start(key, work), caller, what);
      }
    },
  };
}

async function join<T>(running: Running<T>, caller: Caller, what: string): Promise<T> {
  const left = Promise.withResolvers<never>();
  const leave = () => {
    running.callers.delete(caller);
    if (running.callers.size > 0) return left.reject(cancelled(caller.signal, what));
    running.stop.abort(cancelled(caller.signal, what));
    running.result.then(
      () => left.reject(cancelled(caller.signal, what)),
      () => left.reject(cancelled(caller.signal, what)),
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

// Cancelled work fails with whatever broke first; its callers get the cancellation.
function afterAbort<T>(error: unknown, running: Running<T>, left: Promise<never>): Promise<never> {
  return running.stop.signal.aborted ? left : Promise.reject(error);
}
