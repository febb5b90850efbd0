// Calls and pings of a session that wait for their answers.
import type { TlvFields } from '@ignite/api';
import { TAG } from '@ignite/protocol';

/** A REPLY's fields, or undefined for a PONG. */
type Answer = TlvFields | undefined;

export interface CallTable {
  /** A new request id and the answer to it; rejects with `onAbort()` when the signal aborts. */
  begin(signal: AbortSignal, onAbort: () => Error): { readonly id: number; readonly answer: Promise<Answer> };
  /** Whether somebody waited for it. */
  reply(fields: TlvFields): boolean;
  pong(payload: Uint8Array): boolean;
  /** Rejects all that wait. */
  fail(error: Error): void;
}

/** An empty table. */
export function createCallTable(): CallTable {
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let newest = 0;
  const settle = (id: number | undefined, answer: Answer): boolean => {
    if (id === undefined) return false;
    waiting.get(id)?.resolve(answer);
    return waiting.delete(id);
  };
  return {
    begin(signal, onAbort) {
      const id = ++newest;
      const entry = Promise.withResolvers<Answer>();
      waiting.set(id, entry);
      const abort = () => {
        waiting.delete(id);
        entry.reject(onAbort());
      };
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
      const answer = entry.promise.finally(() => signal.removeEventListener('abort', abort));
      return { id, answer };
    },
    reply: (fields) => settle(fields.number(TAG.REQUEST), fields),
    pong(payload) {
      if (payload.length !== 8) return false;
      return settle(
        Number(new DataView(payload.buffer, payload.byteOffset, 8).getBigUint64(0, true)),
        undefined,
      );
    },
    fail(error) {
      for (const entry of waiting.values()) entry.reject(error);
      waiting.clear();
    },
  };
}
