// One 64-byte descriptor a group (Documentation/filesystems/ext4, "Block Group Descriptors").
import { extendCrc32c, extendCrc32cUint32 } from '@ignite/api/crc32c';
import { DESCRIPTOR_SIZE } from './layout.ts';

export const INODE_UNINIT = 0x1;
export const BLOCK_UNINIT = 0x2;
/** The inode table is zeroed: the kernel need not do it in the background. */
export const INODE_ZEROED = 0x4;

export interface GroupDescriptor {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
  readonly freeBlocks: number;
  readonly freeInodes: number;
  readonly directories: number;
  readonly unusedInodes: number;
  readonly flags: number;
  /** CRC-32C of the bitmaps; 0 where a bitmap is not initialised. */
  readonly blockBitmapSum: number;
  readonly inodeBitmapSum: number;
}

function writeWide(target: Buffer, low: number, high: number, value: number): void {
  target.writeUInt32LE(value % 2 ** 32, low);
  target.writeUInt32LE(Math.floor(value / 2 ** 32), high);
}

function writeSplit(target: Buffer, low: number, high: number, value: number): void {
  target.writeUInt16LE(value & 0xffff, low);
  target.writeUInt16LE(value >>> 16, high);
}

/** The descriptor of a group as it lies on disk, checksum included. */
export function makeGroupDescriptor(group: number, fields: GroupDescriptor, fileSystemSeed: number): Buffer {
  const bytes = Buffer.alloc(DESCRIPTOR_SIZE);
  writeWide(bytes, 0x00, 0x20, fields.blockBitmap);
  writeWide(bytes, 0x04, 0x24, fields.inodeBitmap);
  writeWide(bytes, 0x08, 0x28, fields.inodeTable);
  writeSplit(bytes, 0x0c, 0x2c, fields.freeBlocks);
  writeSplit(bytes, 0x0e, 0x2e, fields.freeInodes);
  writeSplit(bytes, 0x10, 0x30, fields.directories);
  bytes.writeUInt16LE(fields.flags, 0x12);
  writeSplit(bytes, 0x18, 0x38, fields.blockBitmapSum);
  writeSplit(bytes, 0x1a, 0x3a, fields.inodeBitmapSum);
  writeSplit(bytes, 0x1c, 0x32, fields.unusedInodes);
  const sum = extendCrc32c(extendCrc32cUint32(fileSystemSeed, group), bytes);
  bytes.writeUInt16LE(sum & 0xffff, 0x1e);
  return bytes;
}
