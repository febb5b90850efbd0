// console.idx: which byte of a raw log was written when (native/spawn/log.c).
import { readFile } from 'node:fs/promises';
import type { LogFile } from './log-files.ts';

/** An entry of the index: u64 milliseconds since the epoch, u64 offset, little endian. */
const ENTRY_BYTES = 16;
/** In nanoseconds. */
export const MILLISECOND = 1_000_000n;

/** From this byte on, until the next mark, it was written at this time or within a second after it. */
export interface TimeMark {
  readonly offset: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
}

/**
 * The times of a file; without an index, or with one of another file, its last change. A supervisor begins with a mark, so
 * that the first byte of every run has one.
 */
export async function readTimeMarks(file: LogFile): Promise<readonly TimeMark[]> {
  const index = await readFile(file.indexPath).catch(() => Buffer.alloc(0));
  const marks: TimeMark[] = [];
  for (let at = 0; at + ENTRY_BYTES <= index.length; at += ENTRY_BYTES)
    marks.push({
      time: index.readBigUInt64LE(at) * MILLISECOND,
      offset: Number(index.readBigUInt64LE(at + 8)),
    });
  const fits = marks.every(({ offset }, i) => offset >= (marks[i - 1]?.offset ?? 0));
  return marks.length > 0 && fits ? marks : [{ offset: 0, time: file.changed }];
}
