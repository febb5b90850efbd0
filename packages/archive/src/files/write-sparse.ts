// Content written to a new file with holes where it is zero: readers of archives expand the holes of sparse files to zeros,
// which would fill the disk.
import type { FileHandle } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';

/** A hole is a matter of whole blocks; nearly every file system has blocks of this size. */
const BLOCK = 4096;
const ZEROS = Buffer.alloc(BLOCK);

/**
 * Writes all of `content` from the beginning of a file that is empty; the file is as long as the content is.
 * @param wrote called with the size of each piece once it is written; what it throws ends the writing
 */
export async function writeSparse(
  file: FileHandle,
  content: AsyncIterable<Uint8Array>,
  wrote: (bytes: number) => void,
): Promise<void> {
  let at = 0;
  let end = 0;
  for await (const chunk of content) {
    for (const [from, to] of dataIn(chunk, at)) {
      await writeAt(file, chunk.subarray(from, to), at + from);
      end = at + to;
    }
    // Some bytes of an archive stand for 16 TiB of holes, of which nothing is written: a Ctrl-C must be heard meanwhile.
    if (end <= at) await turn();
    at += chunk.length;
    wrote(chunk.length);
  }
  if (end < at) await file.truncate(at);
}

/** The parts of a chunk that are not zero, cut at blocks of the file. @param at where in the file the chunk begins */
function* dataIn(chunk: Uint8Array, at: number): Generator<readonly [from: number, to: number]> {
  let begin = 0;
  let from = 0;
  while (from < chunk.length) {
    const to = Math.min(from + BLOCK - ((at + from) % BLOCK), chunk.length);
    if (ZEROS.compare(chunk, from, to, 0, to - from) === 0) {
      if (begin < from) yield [begin, from];
      begin = to;
    }
    from = to;
  }
  if (begin < from) yield [begin, from];
}

async function writeAt(file: FileHandle, data: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < data.length; )
    done += (await file.write(data, done, data.length - done, at + done)).bytesWritten;
}
