// Blocks on their way to the image: collected into large writes, one write on its way while the next is filled.
// Writes are issued one after the other, so a block that is used again keeps its newest content.
import type { ImageSink } from './entry.ts';
import { BLOCK_SIZE } from './layout.ts';

export interface BlockOutput {
  /**
   * Writes `bytes[from, to)` from the start of `block` on, whole blocks. The bytes are copied; only if a
   * promise is returned must the caller wait before going on.
   */
  put(block: number, bytes: Uint8Array, from: number, to: number): Promise<void> | undefined;
  /** Reads one run of blocks back. */
  get(block: number, bytes: Uint8Array): Promise<void>;
  /** Waits until everything is written. */
  flush(): Promise<void>;
}

const BATCH_BYTES = 2 * 1024 * 1024;

/** An output over a sink. A failed write is thrown by the next call. */
export function createBlockOutput(sink: ImageSink): BlockOutput {
  let filling = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let spare = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let filled = 0;
  let start = 0;
  let writing: Promise<void> | undefined;

  async function issue(): Promise<void> {
    const earlier = writing;
    writing = undefined;
    if (earlier !== undefined) await earlier;
    if (filled === 0) return;
    const promise = sink.write(filling.subarray(0, filled), start);
    // The error is kept for the next await of `writing`.
    promise.catch(() => undefined);
    writing = promise;
    [filling, spare] = [spare, filling];
    start += filled;
    filled = 0;
  }

  async function putSlowly(position: number, bytes: Uint8Array, from: number, to: number): Promise<void> {
    if (position !== start + filled) {
      await issue();
      start = position;
    }
    for (let at = from; at < to; ) {
      const step = Math.min(to - at, BATCH_BYTES - filled);
      filling.set(bytes.subarray(at, at + step), filled);
      filled += step;
      at += step;
      if (filled === BATCH_BYTES) await issue();
    }
  }

  function put(block: number, bytes: Uint8Array, from: number, to: number): Promise<void> | undefined {
    const position = block * BLOCK_SIZE;
    if (filled === 0 && writing === undefined) start = position;
    if (position !== start + filled || filled + to - from >= BATCH_BYTES) {
      return putSlowly(position, bytes, from, to);
    }
    filling.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), filled);
    filled += to - from;
    return undefined;
  }

  async function flush(): Promise<void> {
    await issue();
    await writing;
    writing = undefined;
  }

  return {
    put,
    flush,
    async get(block, bytes) {
      await flush();
      await sink.read(bytes, block * BLOCK_SIZE);
    },
  };
}
