// Output of a stream as a Readable. What its reader has not taken yet waits here, at most one credit window of it.
import { type Duplex, Readable } from 'node:stream';
import type { StreamState } from '@ignite/api';
import { LIMIT } from '@ignite/protocol';
import { createByteQueue } from './byte-queue.ts';

export interface OutputStream {
  readonly readable: Readable;
  /** Bytes of a DATA frame. They count as consumed, and credit goes back, when the Readable asks for them. */
  push(bytes: Uint8Array): void;
  /** No more will come. */
  end(): void;
}

/** The Readable for channel 1 or 2 of a stream. */
export function createOutput(pipe: Duplex, state: StreamState, channel: 1 | 2): OutputStream {
  const waiting = createByteQueue();
  let wanted = false;
  let ended = false;
  let held = false;
  const letGo = () => {
    pipe.off('drain', letGo);
    pipe.off('close', letGo);
    held = false;
    pump();
  };
  /**
   * Credit that the agent does not take must not pile up: an agent that never reads gets none, and so sends no more. With
   * the pipe goes the credit: what has come by then is handed out.
   */
  const hold = () => {
    if (pipe.destroyed) return false;
    if (held || !pipe.writableNeedDrain) return held;
    held = true;
    pipe.once('drain', letGo);
    pipe.once('close', letGo);
    return true;
  };
  const pump = () => {
    while (wanted && !hold()) {
      const bytes = waiting.shift();
      if (bytes === undefined) break;
      wanted = readable.push(bytes);
      const credit = state.consume(channel, bytes.length);
      if (credit !== undefined && !pipe.destroyed) pipe.write(credit);
    }
    if (ended && waiting.empty && !readable.destroyed) readable.push(null);
  };
  const readable: Readable = new Readable({
    highWaterMark: LIMIT.PAYLOAD,
    read() {
      wanted = true;
      pump();
    },
  });
  readable.on('error', () => {}); // `exit` rejects with it; a reader of the stream sees it as well
  return {
    readable,
    push(bytes) {
      waiting.push(bytes);
      pump();
    },
    end() {
      if (ended) return;
      ended = true;
      pump();
    },
  };
}
