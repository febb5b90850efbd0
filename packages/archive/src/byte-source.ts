// A window over a stream of chunks: fixed-size blocks and pieces of content without copying where a chunk has them.

export interface ByteSource {
  /** Bytes taken so far. */
  readonly position: () => number;
  /** The next `count` bytes if they are at hand, without waiting; else undefined, and nothing is taken. */
  takeNow(count: number): Buffer | undefined;
  /** The next `count` bytes, fewer only at the end of the stream. */
  take(count: number): Promise<Buffer>;
  /** The next piece of at most `count` bytes; undefined at the end of the stream. */
  some(count: number): Promise<Buffer | undefined>;
  /** Skips `count` bytes; false if the stream ends before. */
  skip(count: number): Promise<boolean>;
  /** Tells the stream that nobody reads on. */
  close(): Promise<void>;
}

const NOTHING = Buffer.alloc(0);

/** A view of a chunk, not a copy. */
function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** A source over a stream. What it hands out is valid until the stream's next chunk is asked for. */
export function createByteSource(stream: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = stream[Symbol.asyncIterator]();
  let chunk: Buffer = NOTHING;
  let offset = 0;
  let position = 0;
  let ended = false;

  async function fetch(): Promise<boolean> {
    while (offset >= chunk.length && !ended) {
      const step = await iterator.next();
      if (step.done === true) ended = true;
      else {
        chunk = asBuffer(step.value);
        offset = 0;
      }
    }
    return offset < chunk.length;
  }

  function takeNow(count: number): Buffer | undefined {
    if (chunk.length - offset < count) return undefined;
    const piece = chunk.subarray(offset, offset + count);
    offset += count;
    position += count;
    return piece;
  }

  async function some(count: number): Promise<Buffer | undefined> {
    if (offset >= chunk.length && !(await fetch())) return undefined;
    return takeNow(Math.min(count, chunk.length - offset));
  }

  async function take(count: number): Promise<Buffer> {
    const whole = takeNow(count);
    if (whole !== undefined) return whole;
    const pieces: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const piece = await some(missing);
      if (piece === undefined) break;
      pieces.push(Buffer.from(piece));
      missing -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  async function skip(count: number): Promise<boolean> {
    let missing = count;
    while (missing > 0) {
      if (offset >= chunk.length && !(await fetch())) return false;
      const step = Math.min(missing, chunk.length - offset);
      offset += step;
      position += step;
      missing -= step;
    }
    return true;
  }

  async function close(): Promise<void> {
    if (ended) return;
    ended = true;
    await iterator.return?.();
  }

  return { position: () => position, takeNow, take, some, skip, close };
}
