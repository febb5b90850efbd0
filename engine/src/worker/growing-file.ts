// Reads a file that another process is still writing: only as far as content is announced to be there.
import { read } from 'node:fs';
import { promisify } from 'node:util';

const readAt = promisify(read);
const PIECE = 256 << 10;

interface GrowingFile extends AsyncIterable<Uint8Array> {
  /** So many bytes are there now. */
  grown(bytes: number): void;
}

/**
 * The content of an open file of `size` bytes in the end.
 * @param passed called with the number of bytes that were handed out
 */
export function growingFile(descriptor: number, size: number, passed: (bytes: number) => void): GrowingFile {
  let available = 0;
  let wake: (() => void) | undefined;

  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let position = 0; position < size; ) {
      if (available <= position) {
        const grown = Promise.withResolvers<void>();
        wake = grown.resolve;
        await grown.promise;
        continue;
      }
      const length = Math.min(PIECE, available - position);
      const { bytesRead, buffer } = await readAt(descriptor, Buffer.allocUnsafe(length), 0, length, position);
      if (bytesRead === 0) throw new Error(`The file ends at ${position} of ${available} bytes`);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
      passed(position);
    }
  }

  return {
    grown(bytes) {
      available = Math.max(available, Math.min(bytes, size));
      wake?.();
    },
    [Symbol.asyncIterator]: pieces,
  };
}
