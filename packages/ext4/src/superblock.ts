// The superblock (Documentation/filesystems/ext4, "Super Block"): 1024 bytes, at byte 1024 of the image and at the
// start of some groups.
import { extendCrc32c } from '@ignite/api/crc32c';
import { BLOCKS_PER_GROUP, DESCRIPTOR_SIZE, FIRST_INODE, INODE_SIZE, JOURNAL_INODE } from './layout.ts';

export const SUPERBLOCK_BYTES = 1024;

const COMPAT_HAS_JOURNAL = 0x4;
const COMPAT_EXT_ATTR = 0x8;
const COMPAT_DIR_INDEX = 0x20;
/** filetype, meta_bg, extents, 64bit, flex_bg. With meta_bg descriptors lie where growing needs no reserved room. */
const INCOMPAT = 0x2 | 0x10 | 0x40 | 0x80 | 0x200;
/** sparse_super, large_file, huge_file, dir_nlink, extra_isize, metadata_csum. */
const RO_COMPAT = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x400;
const MAGIC = 0xef53;
const STATE_CLEAN = 1;
const ERRORS_CONTINUE = 1;
const REVISION_DYNAMIC = 1;
const HASH_HALF_MD4 = 1;
const JOURNAL_BACKUP_BLOCKS = 1;
const MOUNT_XATTR_USER_AND_ACL = 0x4 | 0x8;
const FLAG_UNSIGNED_HASH = 0x2;
const FLEX_GROUPS_LOG = 4;
const CHECKSUM_CRC32C = 1;

export interface SuperblockFields {
  readonly inodes: number;
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly freeInodes: number;
  readonly inodesPerGroup: number;
  readonly uuid: Uint8Array;
  readonly label: Buffer;
  readonly hashSeed: Uint8Array;
  readonly epochSeconds: number;
  /** i_block of the journal's inode and its size, kept as a backup; absent without a journal. */
  readonly journal?: { readonly iBlock: Buffer; readonly bytes: number };
}

function writeCounts(block: Buffer, fields: SuperblockFields): void {
  const wide = (low: number, high: number, value: number): void => {
    block.writeUInt32LE(value % 2 ** 32, low);
    block.writeUInt32LE(Math.floor(value / 2 ** 32), high);
  };
  block.writeUInt32LE(fields.inodes, 0x00);
  wide(0x04, 0x150, fields.blocks);
  wide(0x0c, 0x158, fields.freeBlocks);
  block.writeUInt32LE(fields.freeInodes, 0x10);
  block.writeUInt32LE(2, 0x18); // block size 1024 << 2
  block.writeUInt32LE(2, 0x1c); // cluster size, the same
  block.writeUInt32LE(BLOCKS_PER_GROUP, 0x20);
  block.writeUInt32LE(BLOCKS_PER_GROUP, 0x24);
  block.writeUInt32LE(fields.inodesPerGroup, 0x28);
  block.writeUInt16LE(DESCRIPTOR_SIZE, 0xfe);
  block.writeUInt16LE(32, 0x15c); // room every inode has for extra fields
  block.writeUInt16LE(32, 0x15e); // and new ones shall have
  block[0x174] = FLEX_GROUPS_LOG;
}

function writeTimes(block: Buffer, seconds: number): void {
  const high = Math.floor(seconds / 2 ** 32);
  for (const [low, highAt] of [
    [0x30, 0x274], // last written
    [0x40, 0x277], // last checked
    [0x108, 0x276], // made
  ] as const) {
    block.writeUInt32LE(seconds % 2 ** 32, low);
    block[highAt] = high;
  }
}

function writeJournal(block: Buffer, journal: NonNullable<SuperblockFields['journal']>): void {
  block.writeUInt32LE(JOURNAL_INODE, 0xe0);
  block[0xfd] = JOURNAL_BACKUP_BLOCKS;
  journal.iBlock.copy(block, 0x10c, 0, 60);
  block.writeUInt32LE(Math.floor(journal.bytes / 2 ** 32), 0x148);
  block.writeUInt32LE(journal.bytes % 2 ** 32, 0x14c);
}

/** The superblock as it lies in group `group`, checksum included. */
export function makeSuperblock(fields: SuperblockFields, group: number): Buffer {
  const block = Buffer.alloc(SUPERBLOCK_BYTES);
  writeCounts(block, fields);
  writeTimes(block, fields.epochSeconds);
  block.writeInt16LE(-1, 0x36); // mounts until a check: never
  block.writeUInt16LE(MAGIC, 0x38);
  block.writeUInt16LE(STATE_CLEAN, 0x3a);
  block.writeUInt16LE(ERRORS_CONTINUE, 0x3c);
  block.writeUInt32LE(REVISION_DYNAMIC, 0x4c);
  block.writeUInt32LE(FIRST_INODE, 0x54);
  block.writeUInt16LE(INODE_SIZE, 0x58);
  block.writeUInt16LE(group, 0x5a);
  const journal = fields.journal === undefined ? 0 : COMPAT_HAS_JOURNAL;
  block.writeUInt32LE(journal | COMPAT_EXT_ATTR | COMPAT_DIR_INDEX, 0x5c);
  block.writeUInt32LE(INCOMPAT, 0x60);
  block.writeUInt32LE(RO_COMPAT, 0x64);
  block.set(fields.uuid, 0x68);
  fields.label.copy(block, 0x78, 0, 16);
  if (fields.journal !== undefined) writeJournal(block, fields.journal);
  block.set(fields.hashSeed, 0xec);
  block[0xfc] = HASH_HALF_MD4;
  block.writeUInt32LE(MOUNT_XATTR_USER_AND_ACL, 0x100);
  block.writeUInt32LE(FLAG_UNSIGNED_HASH, 0x160);
  block[0x175] = CHECKSUM_CRC32C;
  block.writeUInt32LE(extendCrc32c(0xffffffff, block, 0, 0x3fc), 0x3fc);
  return block;
}
