// Writing at the reader's pace, over and over: what waits for room must leave nothing on the stream.
import type { Writable } from 'node:stream';

/** Waits until a stream that was too full has room again, or is closed. Rejects with its error. */
export function drained(stream: Pick<Writable, 'on' | 'off'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      stream.off('drain', done).off('close', done).off('error', failed);
    };
    const done = (): void => {
      leave();
      resolve();
    };
    const failed = (error: Error): void => {
      leave();
      reject(error);
    };
    stream.on('drain', done).on('close', done).on('error', failed);
  });
}
