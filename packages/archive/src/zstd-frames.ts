// Where the frames of a zstd stream end (RFC 8878, section 3.1). Node's decompressor forgets what follows a frame in the
// piece it is given, so no piece may go beyond one: writers that work in parallel and podman's zstd:chunked make many.

/** How many bytes come next; their content matters only where `collected` is true. Zero bytes: a frame has ended. */
interface Step {
  readonly bytes: number;
  readonly collected: boolean;
}

const MAGIC = 0xfd2fb528;
/** The lowest four bits are free. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const FRAME_END: Step = { bytes: 0, collected: false };
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
const CHECKSUM_BYTES = 4;
/** By the two lowest bits of the descriptor (3.1.1.1.3). */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
/** By its two highest bits (3.1.1.1.4); the first only where there is a window descriptor. */
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

const collect = (bytes: number): Step => ({ bytes, collected: true });
const pass = (bytes: number): Step => ({ bytes, collected: false });

/** Bytes of a frame's header after its descriptor. */
function headerBytes(descriptor: number): number {
  const single = (descriptor & 0x20) !== 0;
  const contentSize = single && descriptor >> 6 === 0 ? 1 : (CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0);
  return (single ? 0 : 1) + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) + contentSize;
}

function* frame(): Generator<Step, void, Buffer> {
  const magic = (yield collect(4)).readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
    yield pass((yield collect(4)).readUInt32LE(0));
    return;
  }
  if (magic !== MAGIC) throw new Error('No frame of zstd begins there');
  const descriptor = (yield collect(1))[0] ?? 0;
  yield pass(headerBytes(descriptor));
  for (let last = false; !last; ) {
    const header = (yield collect(3)).readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) throw new Error('A block of zstd of a reserved type');
    last = (header & 1) === 1;
    yield pass(type === RLE_BLOCK ? 1 : header >> 3);
  }
  if ((descriptor & 4) !== 0) yield pass(CHECKSUM_BYTES);
}

function* frames(): Generator<Step, never, Buffer> {
  for (;;) {
    yield* frame();
    yield FRAME_END;
  }
}

/** Follows the grammar through pieces of any size. */
function createWalk(): { endIn(piece: Buffer, from: number): number; readonly inside: boolean } {
  const grammar = frames();
  const collected = Buffer.alloc(4);
  let step = grammar.next(collected).value;
  let done = 0;
  let inside = true;
  return {
    /** The place in the piece where a frame ends; -1 if it ends in a later piece. */
    endIn(piece, from) {
      for (let at = from; ; ) {
        const count = Math.min(step.bytes - done, piece.length - at);
        if (step.collected) piece.copy(collected, done, at, at + count);
        if (count > 0) inside = true;
        at += count;
        done += count;
        if (done < step.bytes) return -1;
        const ended = step === FRAME_END;
        step = grammar.next(collected).value;
        done = 0;
        if (ended) {
          inside = false;
          return at;
        }
      }
    },
    get inside() {
      return inside;
    },
  };
}

/**
 * The same bytes in pieces that end where a frame ends, or before.
 * @throws Error for what is no zstd stream, or not all of one; what the stream itself throws
 */
export async function* zstdFrames(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const walk = createWalk();
  for await (const chunk of stream) {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < piece.length; ) {
      const end = walk.endIn(piece, at);
      const next = end < 0 ? piece.length : end;
      yield piece.subarray(at, next);
      at = next;
    }
  }
  if (walk.inside) throw new Error('The zstd stream ends within a frame');
}
