// console.log and vmm.log: raw bytes, with the times that console.idx remembers (native/spawn/log.c).
import type { LogPiece } from '@ignite/api/frames';
import type { LogFile } from './log-files.ts';
import type { Chunk } from './read-chunks.ts';
import { MILLISECOND, readTimeMarks, type TimeMark } from './time-marks.ts';

const NEWLINE = 10;

/**
 * Chunks of a raw log → pieces of one time each.
 * @param byLine cuts after each newline, so that lines can be counted
 */
export async function* rawPieces(
  chunks: AsyncIterable<Chunk | 'caught-up'>,
  byLine: boolean,
): AsyncGenerator<LogPiece | 'caught-up'> {
  let file: LogFile | undefined;
  let marks: readonly TimeMark[] = [];
  for await (const chunk of chunks) {
    if (chunk === 'caught-up') {
      yield chunk;
      continue;
    }
    if (chunk.file !== file) marks = await readTimeMarks(chunk.file);
    file = chunk.file;
    for (const { time, bytes } of cutByTime(chunk, marks))
      for (const part of byLine ? lines(bytes) : [bytes]) yield { stream: 1, time, bytes: part };
  }
}

function* cutByTime(
  chunk: Chunk,
  marks: readonly TimeMark[],
): Generator<{ time: bigint; bytes: Uint8Array }> {
  if (chunk.fresh) {
    yield { time: BigInt(Date.now()) * MILLISECOND, bytes: chunk.bytes };
    return;
  }
  const end = chunk.offset + chunk.bytes.length;
  let at = chunk.offset;
  let index = Math.max(
    0,
    marks.findLastIndex(({ offset }) => offset <= at),
  );
  while (at < end) {
    const next = Math.min(marks[index + 1]?.offset ?? end, end);
    if (next > at)
      yield {
        time: marks[index]?.time ?? 0n,
        bytes: chunk.bytes.subarray(at - chunk.offset, next - chunk.offset),
      };
    at = Math.max(at, next);
    index++;
  }
}

function* lines(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    const next = end < 0 ? bytes.length : end + 1;
    yield bytes.subarray(start, next);
    start = next;
  }
}
