// The journal's superblock (Documentation/filesystems/ext4, "Journal (jbd2)"): version 2, empty, big-endian. The rest
// of the journal is a hole; the kernel sets the features it wants when it mounts.
import { BLOCK_SIZE } from './layout.ts';

const MAGIC = 0xc03b3998;
const SUPERBLOCK_V2 = 4;
const MIB = 1024 * 1024;

/** As mke2fs does by size, but never below 16 MiB: the file system grows with its disk, the journal does not. */
export function journalBlocksFor(imageBlocks: number): number {
  const imageBytes = imageBlocks * BLOCK_SIZE;
  const bytes = imageBytes < 1024 * MIB ? 16 * MIB : imageBytes < 2048 * MIB ? 32 * MIB : 64 * MIB;
  return bytes / BLOCK_SIZE;
}

/** jbd2 takes no journal smaller than this (JBD2_MIN_JOURNAL_BLOCKS). */
export const SMALLEST_JOURNAL_BLOCKS = 1024;

/** Block 0 of an empty journal of `blocks` blocks. */
export function makeJournalSuperblock(blocks: number, uuid: Uint8Array): Buffer {
  const block = Buffer.alloc(BLOCK_SIZE);
  block.writeUInt32BE(MAGIC, 0x00);
  block.writeUInt32BE(SUPERBLOCK_V2, 0x04);
  block.writeUInt32BE(BLOCK_SIZE, 0x0c);
  block.writeUInt32BE(blocks, 0x10);
  block.writeUInt32BE(1, 0x14); // first block of the log
  block.writeUInt32BE(1, 0x18); // first transaction expected
  block.writeUInt32BE(0, 0x1c); // start of the log: 0 is empty
  block.set(uuid, 0x30);
  block.writeUInt32BE(1, 0x40); // users
  return block;
}
