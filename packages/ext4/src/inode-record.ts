// One 256-byte inode in the form it has on disk (Documentation/filesystems/ext4, "Index Nodes", "Inode Timestamps").
import type { EntryMeta, FileTime } from './entry.ts';
import { extendCrc32c, extendCrc32cUint32 } from '@ignite/api/crc32c';
import { INODE_SIZE } from './layout.ts';

/** A view of an inode: `offset` in a larger buffer, so that nothing is allocated per inode. */
export interface InodeView {
  readonly bytes: Buffer;
  readonly offset: number;
}

const MODE = 0x00;
const UID = 0x02;
const SIZE = 0x04;
const ATIME = 0x08;
const CTIME = 0x0c;
const MTIME = 0x10;
const GID = 0x18;
const LINKS = 0x1a;
const BLOCKS = 0x1c;
const FLAGS = 0x20;
/** Sixty bytes: the root of the extent tree, the target of a short symlink, a device number. */
export const I_BLOCK = 0x28;
export const I_BLOCK_BYTES = 60;
const FILE_ACL = 0x68;
const SIZE_HIGH = 0x6c;
const BLOCKS_HIGH = 0x74;
const FILE_ACL_HIGH = 0x76;
const UID_HIGH = 0x78;
const GID_HIGH = 0x7a;
const CHECKSUM = 0x7c;
const EXTRA_ISIZE = 0x80;
const CHECKSUM_HIGH = 0x82;
const CTIME_EXTRA = 0x84;
const MTIME_EXTRA = 0x88;
const ATIME_EXTRA = 0x8c;
const CRTIME = 0x90;
const CRTIME_EXTRA = 0x94;
/** Size of the fields after the first 128 bytes; attributes lie behind them. */
const EXTRA_BYTES = 32;
const XATTR_OFFSET = 128 + EXTRA_BYTES;

export const FLAG_INDEX = 0x1000;
export const FLAG_EXTENTS = 0x80000;

const EARLIEST = -(2 ** 31);
const LATEST = 2 ** 34 - 2 ** 31 - 1;

function writeTime(view: InodeView, at: number, extraAt: number, time: FileTime): void {
  const seconds = Math.min(LATEST, Math.max(EARLIEST, time.seconds));
  const low = seconds | 0;
  const epoch = (seconds - low) / 2 ** 32;
  view.bytes.writeInt32LE(low, view.offset + at);
  view.bytes.writeUInt32LE((time.nanoseconds * 4 + epoch) >>> 0, view.offset + extraAt);
}

/** Mode, owner and times; `ctime` and `crtime` are the nominal time of the image. */
export function writeMeta(view: InodeView, format: number, meta: EntryMeta, made: FileTime): void {
  const { bytes, offset } = view;
  bytes.writeUInt16LE(format | (meta.mode & 0o7777), offset + MODE);
  bytes.writeUInt16LE(meta.uid & 0xffff, offset + UID);
  bytes.writeUInt16LE(meta.gid & 0xffff, offset + GID);
  bytes.writeUInt16LE(meta.uid >>> 16, offset + UID_HIGH);
  bytes.writeUInt16LE(meta.gid >>> 16, offset + GID_HIGH);
  bytes.writeUInt16LE(EXTRA_BYTES, offset + EXTRA_ISIZE);
  writeTime(view, ATIME, ATIME_EXTRA, meta.atime ?? meta.mtime);
  writeTime(view, MTIME, MTIME_EXTRA, meta.mtime);
  writeTime(view, CTIME, CTIME_EXTRA, made);
  writeTime(view, CRTIME, CRTIME_EXTRA, made);
}

/** Type and permissions, as in st_mode. */
export const readMode = (view: InodeView): number => view.bytes.readUInt16LE(view.offset + MODE);
/** The number of hard links. */
export const readLinks = (view: InodeView): number => view.bytes.readUInt16LE(view.offset + LINKS);

/** The owner's number, all 32 bits. */
export function readUid(view: InodeView): number {
  return view.bytes.readUInt16LE(view.offset + UID) + view.bytes.readUInt16LE(view.offset + UID_HIGH) * 65536;
}

/** The group's number, all 32 bits. */
export function readGid(view: InodeView): number {
  return view.bytes.readUInt16LE(view.offset + GID) + view.bytes.readUInt16LE(view.offset + GID_HIGH) * 65536;
}

/** Sets the number of hard links. */
export function writeLinks(view: InodeView, links: number): void {
  view.bytes.writeUInt16LE(links, view.offset + LINKS);
}

/** The size in bytes. */
export function readSize(view: InodeView): number {
  const high = view.bytes.readUInt32LE(view.offset + SIZE_HIGH);
  return high * 2 ** 32 + view.bytes.readUInt32LE(view.offset + SIZE);
}

/** Sets the size in bytes. */
export function writeSize(view: InodeView, size: number): void {
  view.bytes.writeUInt32LE(size % 2 ** 32, view.offset + SIZE);
  view.bytes.writeUInt32LE(Math.floor(size / 2 ** 32), view.offset + SIZE_HIGH);
}

/** Adds to the count of 512-byte sectors, given in blocks of 4096. */
export function addBlocks(view: InodeView, blocks: number): void {
  const { bytes, offset } = view;
  const before = bytes.readUInt16LE(offset + BLOCKS_HIGH) * 2 ** 32 + bytes.readUInt32LE(offset + BLOCKS);
  const sectors = before + blocks * 8;
  bytes.writeUInt32LE(sectors % 2 ** 32, offset + BLOCKS);
  bytes.writeUInt16LE(Math.floor(sectors / 2 ** 32), offset + BLOCKS_HIGH);
}

/** The inode's flags (`i_flags`). */
export function readFlags(view: InodeView): number {
  return view.bytes.readUInt32LE(view.offset + FLAGS);
}

/** Sets further flags and keeps the others. */
export function addFlags(view: InodeView, flags: number): void {
  view.bytes.writeUInt32LE((readFlags(view) | flags) >>> 0, view.offset + FLAGS);
}

/** The block with further attributes, 0 for none. */
export function readXattrBlock(view: InodeView): number {
  const high = view.bytes.readUInt16LE(view.offset + FILE_ACL_HIGH);
  return high * 2 ** 32 + view.bytes.readUInt32LE(view.offset + FILE_ACL);
}

/** Sets the block with further attributes; 0 for none. */
export function writeXattrBlock(view: InodeView, block: number): void {
  view.bytes.writeUInt32LE(block % 2 ** 32, view.offset + FILE_ACL);
  view.bytes.writeUInt16LE(Math.floor(block / 2 ** 32), view.offset + FILE_ACL_HIGH);
}

/** The space for attributes inside the inode. */
export function xattrSpace(view: InodeView): Buffer {
  return view.bytes.subarray(view.offset + XATTR_OFFSET, view.offset + INODE_SIZE);
}

/** What checksums of an inode and of its blocks begin with: the file system's seed, the number, the generation 0. */
export function inodeSeed(fileSystemSeed: number, inode: number): number {
  return extendCrc32cUint32(extendCrc32cUint32(fileSystemSeed, inode), 0);
}

/** Puts the inode's checksum in; last of all. */
export function sealInode(view: InodeView, fileSystemSeed: number, inode: number): void {
  const { bytes, offset } = view;
  bytes.writeUInt16LE(0, offset + CHECKSUM);
  bytes.writeUInt16LE(0, offset + CHECKSUM_HIGH);
  const sum = extendCrc32c(inodeSeed(fileSystemSeed, inode), bytes, offset, offset + INODE_SIZE);
  bytes.writeUInt16LE(sum & 0xffff, offset + CHECKSUM);
  bytes.writeUInt16LE(sum >>> 16, offset + CHECKSUM_HIGH);
}
