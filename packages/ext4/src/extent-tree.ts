// Which blocks hold a file: extents in the inode, or in a tree of blocks when there are more than four
// (Documentation/filesystems/ext4, "Extent Tree").
import { extendCrc32c } from '@ignite/api/crc32c';
import { type InodeView, I_BLOCK, I_BLOCK_BYTES } from './inode-record.ts';
import { BLOCK_SIZE } from './layout.ts';

const MAGIC = 0xf30a;
const HEADER_BYTES = 12;
const RECORD_BYTES = 12;
/** Extents that fit into the inode. */
export const INLINE_EXTENTS = 4;
const PER_BLOCK = Math.floor((BLOCK_SIZE - HEADER_BYTES - 4) / RECORD_BYTES);
const CHECKSUM_OFFSET = HEADER_BYTES + PER_BLOCK * RECORD_BYTES;
/** An initialised extent has at most this many blocks. */
const LONGEST = 32768;

/** Triples of first file block, first image block, count; ascending by file block. */
export interface ExtentList {
  readonly triples: number[];
  blocks: number;
}

/** The extents of an empty file. */
export function createExtentList(): ExtentList {
  return { triples: [], blocks: 0 };
}

/** Adds a run of blocks at the end, joined to the last extent where it continues it. */
export function appendExtent(list: ExtentList, logical: number, physical: number, count: number): void {
  const { triples } = list;
  list.blocks += count;
  let added = 0;
  const last = triples.length - 3;
  if (last >= 0) {
    const length = triples[last + 2] ?? 0;
    const follows =
      (triples[last] ?? 0) + length === logical && (triples[last + 1] ?? 0) + length === physical;
    if (follows && length < LONGEST) {
      added = Math.min(count, LONGEST - length);
      triples[last + 2] = length + added;
    }
  }
  for (; added < count; added += LONGEST) {
    triples.push(logical + added, physical + added, Math.min(LONGEST, count - added));
  }
}

function writeHeader(bytes: Buffer, at: number, entries: number, most: number, depth: number): void {
  bytes.writeUInt16LE(MAGIC, at);
  bytes.writeUInt16LE(entries, at + 2);
  bytes.writeUInt16LE(most, at + 4);
  bytes.writeUInt16LE(depth, at + 6);
  bytes.writeUInt32LE(0, at + 8);
}

function writeExtent(bytes: Buffer, at: number, logical: number, physical: number, count: number): void {
  bytes.writeUInt32LE(logical, at);
  bytes.writeUInt16LE(count, at + 4);
  bytes.writeUInt16LE(Math.floor(physical / 2 ** 32), at + 6);
  bytes.writeUInt32LE(physical % 2 ** 32, at + 8);
}

function writeIndex(bytes: Buffer, at: number, logical: number, child: number): void {
  bytes.writeUInt32LE(logical, at);
  bytes.writeUInt32LE(child % 2 ** 32, at + 4);
  bytes.writeUInt16LE(Math.floor(child / 2 ** 32), at + 8);
  bytes.writeUInt16LE(0, at + 10);
}

/** Writes up to four extents into the inode, or none for an empty file. */
export function writeInlineExtents(view: InodeView, triples: ArrayLike<number>): void {
  const at = view.offset + I_BLOCK;
  view.bytes.fill(0, at, at + I_BLOCK_BYTES);
  writeHeader(view.bytes, at, triples.length / 3, INLINE_EXTENTS, 0);
  for (let index = 0; index < triples.length; index += 3) {
    const place = at + HEADER_BYTES + (index / 3) * RECORD_BYTES;
    writeExtent(view.bytes, place, triples[index] ?? 0, triples[index + 1] ?? 0, triples[index + 2] ?? 0);
  }
}

/** Reads the extents that lie in the inode itself. */
export function readInlineExtents(view: InodeView): number[] {
  const { bytes } = view;
  const at = view.offset + I_BLOCK;
  const triples: number[] = [];
  const entries = bytes.readUInt16LE(at + 2);
  for (let index = 0; index < entries; index++) {
    const place = at + HEADER_BYTES + index * RECORD_BYTES;
    const physical = bytes.readUInt16LE(place + 6) * 2 ** 32 + bytes.readUInt32LE(place + 8);
    triples.push(bytes.readUInt32LE(place), physical, bytes.readUInt16LE(place + 4));
  }
  return triples;
}

/** How many tree blocks a list of extents needs. */
export function treeBlocksFor(extents: number): number {
  let total = 0;
  for (let level = extents; level > INLINE_EXTENTS; ) {
    level = Math.ceil(level / PER_BLOCK);
    total += level;
  }
  return total;
}

interface Level {
  /** Pairs of first file block and tree block. */
  readonly pairs: number[];
  readonly depth: number;
}

type WriteBlock = (block: number, bytes: Buffer) => Promise<void>;

function seal(block: Buffer, seed: number): void {
  block.writeUInt32LE(extendCrc32c(seed, block, 0, CHECKSUM_OFFSET), CHECKSUM_OFFSET);
}

async function writeLeaves(
  triples: ArrayLike<number>,
  seed: number,
  allocate: () => number,
  write: WriteBlock,
): Promise<Level> {
  const pairs: number[] = [];
  for (let first = 0; first < triples.length; first += 3 * PER_BLOCK) {
    const last = Math.min(triples.length, first + 3 * PER_BLOCK);
    const bytes = Buffer.alloc(BLOCK_SIZE);
    writeHeader(bytes, 0, (last - first) / 3, PER_BLOCK, 0);
    for (let index = first; index < last; index += 3) {
      const at = HEADER_BYTES + ((index - first) / 3) * RECORD_BYTES;
      writeExtent(bytes, at, triples[index] ?? 0, triples[index + 1] ?? 0, triples[index + 2] ?? 0);
    }
    seal(bytes, seed);
    const block = allocate();
    pairs.push(triples[first] ?? 0, block);
    await write(block, bytes);
  }
  return { pairs, depth: 1 };
}

async function writeIndexes(
  below: Level,
  seed: number,
  allocate: () => number,
  write: WriteBlock,
): Promise<Level> {
  const pairs: number[] = [];
  for (let first = 0; first < below.pairs.length; first += 2 * PER_BLOCK) {
    const last = Math.min(below.pairs.length, first + 2 * PER_BLOCK);
    const bytes = Buffer.alloc(BLOCK_SIZE);
    writeHeader(bytes, 0, (last - first) / 2, PER_BLOCK, below.depth);
    for (let index = first; index < last; index += 2) {
      const at = HEADER_BYTES + ((index - first) / 2) * RECORD_BYTES;
      writeIndex(bytes, at, below.pairs[index] ?? 0, below.pairs[index + 1] ?? 0);
    }
    seal(bytes, seed);
    const block = allocate();
    pairs.push(below.pairs[first] ?? 0, block);
    await write(block, bytes);
  }
  return { pairs, depth: below.depth + 1 };
}

/**
 * Writes the tree of a file with more extents than the inode holds, leaves first, and its root into the inode.
 * `seed` is the inode's; the caller has accounted for `treeBlocksFor` blocks.
 */
export async function writeExtentTree(
  view: InodeView,
  triples: ArrayLike<number>,
  seed: number,
  allocate: () => number,
  write: WriteBlock,
): Promise<void> {
  let level = await writeLeaves(triples, seed, allocate, write);
  while (level.pairs.length / 2 > INLINE_EXTENTS) level = await writeIndexes(level, seed, allocate, write);
  const at = view.offset + I_BLOCK;
  view.bytes.fill(0, at, at + I_BLOCK_BYTES);
  writeHeader(view.bytes, at, level.pairs.length / 2, INLINE_EXTENTS, level.depth);
  for (let index = 0; index < level.pairs.length; index += 2) {
    const place = at + HEADER_BYTES + (index / 2) * RECORD_BYTES;
    writeIndex(view.bytes, place, level.pairs[index] ?? 0, level.pairs[index + 1] ?? 0);
  }
}
