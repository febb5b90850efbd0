// The bytes of one file become blocks: whole blocks are copied once, blocks of zeros become holes.
import type { BlockAllocator } from './block-allocator.ts';
import type { BlockOutput } from './block-output.ts';
import type { BytePath } from './entry.ts';
import { entryError } from './errors.ts';
import { appendExtent, createExtentList, type ExtentList } from './extent-tree.ts';
import { BLOCK_BITS, BLOCK_SIZE } from './layout.ts';

export interface ContentWriter {
  /** Writes content of exactly `size` bytes. Errors: ext4/size-mismatch, ext4/too-large, and the content's own. */
  write(
    path: BytePath,
    size: number,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<ExtentList>;
}

const ZEROS = Buffer.alloc(BLOCK_SIZE);

function isZero(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0 && bytes.compare(ZEROS, 0, BLOCK_SIZE, at, at + BLOCK_SIZE) === 0;
}

/** A writer of contents that reuses one block for what does not fill one. */
export function createContentWriter(allocator: BlockAllocator, output: BlockOutput): ContentWriter {
  const staging = Buffer.alloc(BLOCK_SIZE);

  async function putRun(
    list: ExtentList,
    logical: number,
    bytes: Buffer,
    at: number,
    count: number,
  ): Promise<void> {
    for (let done = 0; done < count; ) {
      const run = allocator.allocate(count - done);
      const from = at + done * BLOCK_SIZE;
      const waiting = output.put(run.start, bytes, from, from + run.count * BLOCK_SIZE);
      if (waiting !== undefined) await waiting;
      appendExtent(list, logical + done, run.start, run.count);
      done += run.count;
    }
  }

  /** Whole blocks, the first one being the file's block `logical`. */
  async function putBlocks(
    list: ExtentList,
    logical: number,
    bytes: Buffer,
    at: number,
    count: number,
  ): Promise<void> {
    for (let index = 0; index < count; ) {
      if (isZero(bytes, at + index * BLOCK_SIZE)) {
        index++;
        continue;
      }
      let run = 1;
      while (index + run < count && !isZero(bytes, at + (index + run) * BLOCK_SIZE)) run++;
      await putRun(list, logical + index, bytes, at + index * BLOCK_SIZE, run);
      index += run;
    }
  }

  /** Takes one chunk that begins at file offset `offset`. */
  async function putChunk(list: ExtentList, offset: number, chunk: Buffer): Promise<void> {
    let at = 0;
    const staged = offset % BLOCK_SIZE;
    let logical = Math.floor(offset / BLOCK_SIZE);
    if (staged > 0) {
      at = chunk.copy(staging, staged);
      if (staged + at < BLOCK_SIZE) return;
      await putBlocks(list, logical, staging, 0, 1);
      logical++;
    }
    const whole = (chunk.length - at) >> BLOCK_BITS;
    if (whole > 0) await putBlocks(list, logical, chunk, at, whole);
    chunk.copy(staging, 0, at + whole * BLOCK_SIZE);
  }

  return {
    async write(path, size, content) {
      const list = createExtentList();
      let received = 0;
      for await (const chunk of content) {
        if (received + chunk.length > size) {
          throw entryError(
            'ext4/size-mismatch',
            path,
            `it has more content than the ${size} bytes announced`,
          );
        }
        await putChunk(list, received, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        received += chunk.length;
      }
      if (received !== size) {
        throw entryError(
          'ext4/size-mismatch',
          path,
          `it has ${received} bytes of content, ${size} were announced`,
        );
      }
      const rest = size % BLOCK_SIZE;
      if (rest > 0) {
        staging.fill(0, rest);
        await putBlocks(list, Math.floor(size / BLOCK_SIZE), staging, 0, 1);
      }
      return list;
    },
  };
}
