// Where the data of a GNU sparse file lies: old GNU headers, PAX formats 0.0, 0.1 and 1.0 (GNU tar manual, "Sparse
// Formats"). All give pairs of offset and length; between them the file has holes.
import type { ByteSource } from './byte-source.ts';
import { beyondLimit, malformed, truncated } from './errors.ts';
import { BLOCK } from './header-block.ts';
import { parseNumber } from './header-numbers.ts';
import { paxInteger } from './pax-records.ts';

export interface SparseMap {
  /** Size of the file with its holes. */
  readonly realSize: number;
  /** offset, length, offset, length, … ascending, within the file. */
  readonly pairs: readonly number[];
}

const MOST_PAIRS = 1_000_000;

/** Checks that pairs ascend, stay inside the file, and add up to the stored bytes. Errors: archive/malformed. */
export function checkedSparseMap(map: SparseMap, storedBytes: number, where: string): SparseMap {
  let end = 0;
  let stored = 0;
  for (let at = 0; at < map.pairs.length; at += 2) {
    const offset = map.pairs[at] ?? 0;
    const length = map.pairs[at + 1] ?? 0;
    if (offset < end || offset + length > map.realSize) throw malformed(where, 'the sparse map is wrong');
    end = offset + length;
    stored += length;
  }
  if (stored !== storedBytes) throw malformed(where, 'the sparse map and the stored size differ');
  return map;
}

function readOldPairs(block: Buffer, start: number, count: number, pairs: number[], where: string): void {
  for (let index = 0; index < count; index++) {
    const at = start + index * 24;
    if (block[at] === 0) return;
    const offset = parseNumber(block, at, 12);
    const length = parseNumber(block, at + 12, 12);
    if (offset === undefined || length === undefined || offset < 0 || length < 0) {
      throw malformed(where, 'the sparse map is wrong');
    }
    pairs.push(offset, length);
  }
}

/** Old GNU format: four pairs in the header (type `S`), 21 in each of the blocks that follow. */
export async function readOldSparseMap(
  header: Buffer,
  source: ByteSource,
  where: string,
): Promise<SparseMap> {
  const pairs: number[] = [];
  const realSize = parseNumber(header, 483, 12);
  if (realSize === undefined || realSize < 0) throw malformed(where, 'the size is not a number');
  readOldPairs(header, 386, 4, pairs, where);
  let more = header[482] !== 0;
  while (more) {
    const block = await source.take(BLOCK);
    if (block.length < BLOCK) throw truncated(where);
    readOldPairs(block, 0, 21, pairs, where);
    if (pairs.length > 2 * MOST_PAIRS) throw beyondLimit(where, 'the sparse map is too long');
    more = block[504] !== 0;
  }
  return { realSize, pairs };
}

/** Format 0.1: one record, `offset,length,offset,length,…`. */
export function parseSparseList(text: string, where: string): number[] {
  if (text === '') return [];
  const pairs = text.split(',').map((word) => paxInteger(word, 'GNU.sparse.map', where));
  if (pairs.length % 2 !== 0) throw malformed(where, 'the sparse map is wrong');
  return pairs;
}

/** Format 1.0: decimal lines at the start of the content, padded to a block. Also says how many bytes they took. */
export async function readSparsePrefix(
  source: ByteSource,
  storedBytes: number,
  where: string,
): Promise<{ readonly pairs: readonly number[]; readonly bytes: number }> {
  const numbers: number[] = [];
  let rest = '';
  let bytes = 0;
  while (numbers.length === 0 || numbers.length < 1 + 2 * (numbers[0] ?? 0)) {
    if (bytes >= storedBytes) throw malformed(where, 'the sparse map does not end');
    const block = await source.take(BLOCK);
    if (block.length < BLOCK) throw truncated(where);
    bytes += BLOCK;
    const lines = (rest + block.toString('latin1', 0, BLOCK)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (numbers.length > 0 && numbers.length >= 1 + 2 * (numbers[0] ?? 0)) break;
      numbers.push(paxInteger(line, 'the sparse map', where));
      if ((numbers[0] ?? 0) > MOST_PAIRS) throw beyondLimit(where, 'the sparse map is too long');
    }
    if (rest.length > BLOCK) throw malformed(where, 'the sparse map is wrong');
  }
  return { pairs: numbers.slice(1), bytes };
}
