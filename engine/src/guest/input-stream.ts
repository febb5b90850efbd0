// Input of a stream as a Writable: a write is done when the agent's credit has let all of it be sent.
import { type Duplex, Writable } from 'node:stream';
import type { StreamState } from '@ignite/api';
import { CHANNEL, LIMIT } from '@ignite/protocol';

export interface InputStream {
  readonly writable: Writable;
  /** Sends what waits, after credit came. */
  resume(): void;
}

type Done = (error?: Error | null) => void;

/** The Writable for channel 0 of a stream; `end()` sends EOF. */
export function createInput(pipe: Duplex, state: StreamState): InputStream {
  let rest: Uint8Array = new Uint8Array(0);
  let done: Done | undefined;
  let pumping = false;
  const pump = () => {
    if (pumping) return; // credit came while frames are being written: the loop below looks again
    pumping = true;
    while (done !== undefined && rest.length > 0 && state.sendable(CHANNEL.IN) > 0) {
      const { frames, taken } = state.send(CHANNEL.IN, rest);
      rest = rest.subarray(taken);
      for (const frame of frames) pipe.write(frame);
    }
    pumping = false;
    if (rest.length === 0 || state.ended) finishWrite();
  };
  const finishWrite = () => {
    const finished = done;
    done = undefined;
    if (finished === undefined) return;
    if (pipe.writableNeedDrain) pipe.once('drain', () => finished());
    else finished();
  };
  const writable = new Writable({
    highWaterMark: LIMIT.PAYLOAD,
    write(chunk: Buffer, _encoding, callback) {
      rest = chunk;
      done = callback;
      pump();
    },
    final(callback) {
      const eof = state.sendEof(CHANNEL.IN);
      if (eof !== undefined && !pipe.destroyed) pipe.write(eof);
      callback();
    },
  });
  writable.on('error', () => {}); // `exit` rejects with it
  return { writable, resume: pump };
}
