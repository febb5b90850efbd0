// Index blocks of large directories (Documentation/filesystems/ext4, "Hash Tree Directories"): block 0 is the root,
// then come the leaves sorted by hash, then, where the root is too small for them, nodes of one level between.
import { extendCrc32c, extendCrc32cUint32 } from '@ignite/api/crc32c';
import { writeEntry } from './directory-block.ts';
import { BLOCK_SIZE, S_IFDIR } from './layout.ts';

const HALF_MD4 = 1;
const ROOT_INFO = 0x18;
const ROOT_ENTRIES = 0x20;
const NODE_ENTRIES = 0x08;
const TAIL_BYTES = 8;
/** Places in the root and in a node; the first one's hash is where limit and count are kept. */
export const ROOT_LIMIT = (BLOCK_SIZE - ROOT_ENTRIES - TAIL_BYTES) / 8;
export const NODE_LIMIT = (BLOCK_SIZE - NODE_ENTRIES - TAIL_BYTES) / 8;
/** Leaves a directory can have with two levels; more would need the feature large_dir. */
export const MOST_LEAVES = ROOT_LIMIT * NODE_LIMIT;

/** What an index block points at: the lowest hash in a block (odd if the one before it ends with the same), and the block. */
export interface IndexEntry {
  readonly hash: number;
  readonly block: number;
}

function writeIndexEntries(
  block: Buffer,
  start: number,
  limit: number,
  entries: readonly IndexEntry[],
  seed: number,
): void {
  entries.forEach((entry, index) => {
    const at = start + index * 8;
    block.writeUInt32LE(entry.hash, at);
    block.writeUInt32LE(entry.block, at + 4);
  });
  block.writeUInt16LE(limit, start);
  block.writeUInt16LE(entries.length, start + 2);
  const tail = start + limit * 8;
  block.writeUInt32LE(0, tail);
  const covered = extendCrc32c(seed, block, 0, start + entries.length * 8);
  block.writeUInt32LE(extendCrc32cUint32(extendCrc32cUint32(covered, 0), 0), tail + 4);
}

/** The root: `.` and `..` as old kernels expect them, then the index. */
export function writeHtreeRoot(
  block: Buffer,
  directory: number,
  parent: number,
  levels: number,
  entries: readonly IndexEntry[],
  seed: number,
): void {
  block.fill(0);
  writeEntry(block, 0, 12, directory, S_IFDIR, Buffer.from('.'));
  writeEntry(block, 12, BLOCK_SIZE - 12, parent, S_IFDIR, Buffer.from('..'));
  block[ROOT_INFO + 4] = HALF_MD4;
  block[ROOT_INFO + 5] = 8;
  block[ROOT_INFO + 6] = levels;
  writeIndexEntries(block, ROOT_ENTRIES, ROOT_LIMIT, entries, seed);
}

/** A node between root and leaves; to old kernels it looks like an empty block. */
export function writeHtreeNode(block: Buffer, entries: readonly IndexEntry[], seed: number): void {
  block.fill(0);
  block.writeUInt16LE(BLOCK_SIZE, 4);
  writeIndexEntries(block, NODE_ENTRIES, NODE_LIMIT, entries, seed);
}
