// Copies a file without its zero blocks, so that a base disk's free space costs nothing in the copy.
import { type FileHandle, open } from 'node:fs/promises';

const PIECE_BYTES = 1 << 20;
/** Granularity of holes: the block of every file system we meet. */
const BLOCK_BYTES = 4096;
const ZERO_BLOCK = Buffer.alloc(BLOCK_BYTES);

/**
 * Copies `source` to the new file `target` (mode 0600), leaving holes where the source has zeros.
 * Both are flushed by the caller. The target keeps the source's length.
 * @throws the file system's error (ENOSPC, EEXIST, …), or the signal's reason when aborted
 */
export async function sparseCopy(source: string, target: string, signal: AbortSignal): Promise<void> {
  await using from = await open(source, 'r');
  await using to = await open(target, 'wx', 0o600);
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let offset = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await from.read(buffer, 0, PIECE_BYTES, offset);
    if (bytesRead === 0) break;
    await writeData(to, buffer.subarray(0, bytesRead), offset);
    offset += bytesRead;
  }
  await to.truncate(offset);
}

/** Writes the runs of blocks that are not all zero. */
async function writeData(to: FileHandle, piece: Buffer, offset: number): Promise<void> {
  let start = 0;
  while (start < piece.length) {
    const dataStart = skip(piece, start, true);
    const dataEnd = skip(piece, dataStart, false);
    if (dataEnd > dataStart) await writeAll(to, piece.subarray(dataStart, dataEnd), offset + dataStart);
    start = dataEnd;
  }
}

async function writeAll(to: FileHandle, data: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const { bytesWritten } = await to.write(data, done, data.length - done, offset + done);
    done += bytesWritten;
  }
}

/** First block at or after `from` whose being zero differs from `zero`, or the end. */
function skip(piece: Buffer, from: number, zero: boolean): number {
  let at = from;
  while (at < piece.length && isZero(piece, at) === zero) at += BLOCK_BYTES;
  return Math.min(at, piece.length);
}

function isZero(piece: Buffer, at: number): boolean {
  const end = Math.min(at + BLOCK_BYTES, piece.length);
  return piece.compare(ZERO_BLOCK, 0, end - at, at, end) === 0;
}
