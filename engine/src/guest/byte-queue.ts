// Bytes that wait for their reader. A peer may send them one by one: small pieces are gathered, so that what waits costs
// little more memory than its bytes.

/** A first-in-first-out queue of bytes. */
interface ByteQueue {
  push(bytes: Uint8Array): void;
  /** The oldest piece; undefined where nothing waits. Never an empty one. */
  shift(): Uint8Array | undefined;
  readonly empty: boolean;
}

const BLOCK_BYTES = 16_384;
/** Pieces from this size on are kept as they came. */
const LARGE_BYTES = 2_048;

/** An empty queue. */
export function createByteQueue(): ByteQueue {
  const pieces: Uint8Array[] = [];
  let block: Uint8Array | undefined; // the last of `pieces` begins where it begins
  let used = 0;
  const gather = (bytes: Uint8Array) => {
    if (block === undefined || used + bytes.length > BLOCK_BYTES) {
      block = new Uint8Array(BLOCK_BYTES);
      used = 0;
      pieces.push(block);
    }
    block.set(bytes, used);
    used += bytes.length;
    pieces[pieces.length - 1] = block.subarray(0, used);
  };
  return {
    get empty() {
      return pieces.length === 0;
    },
    push(bytes) {
      if (bytes.length === 0) return;
      if (bytes.length < LARGE_BYTES && pieces.length > 0) return gather(bytes);
      block = undefined;
      pieces.push(bytes);
    },
    shift() {
      const piece = pieces.shift();
      if (pieces.length === 0) block = undefined;
      return piece;
    },
  };
}
