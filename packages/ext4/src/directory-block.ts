// One block of a directory: entries and the checksum behind them (Documentation/filesystems/ext4, "Linear
// (Classic) Directories").
import { extendCrc32c } from '@ignite/api/crc32c';
import { BLOCK_SIZE, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from './layout.ts';

const TAIL_BYTES = 12;
const TAIL_TYPE = 0xde;
/** Where entries end and the tail with the checksum begins. */
export const ENTRIES_END = BLOCK_SIZE - TAIL_BYTES;

const FILE_TYPES: Readonly<Record<number, number>> = {
  [S_IFREG]: 1,
  [S_IFDIR]: 2,
  [S_IFCHR]: 3,
  [S_IFBLK]: 4,
  [S_IFIFO]: 5,
  [S_IFSOCK]: 6,
  [S_IFLNK]: 7,
};

/** Bytes an entry takes at least. */
export function entryBytes(nameLength: number): number {
  return (8 + nameLength + 3) & ~3;
}

/** Writes one entry; `length` is how far the next one is. */
export function writeEntry(
  block: Buffer,
  at: number,
  length: number,
  inode: number,
  format: number,
  name: Uint8Array,
): void {
  block.writeUInt32LE(inode, at);
  block.writeUInt16LE(length, at + 4);
  block[at + 6] = name.length;
  block[at + 7] = FILE_TYPES[format] ?? 0;
  block.set(name, at + 8);
}

/** Stretches the last entry to the tail and writes the checksum; `seed` is the directory's inode seed. */
export function sealEntries(block: Buffer, lastEntry: number, seed: number): void {
  block.writeUInt16LE(ENTRIES_END - lastEntry, lastEntry + 4);
  block.writeUInt32LE(0, ENTRIES_END);
  block.writeUInt16LE(TAIL_BYTES, ENTRIES_END + 4);
  block[ENTRIES_END + 6] = 0;
  block[ENTRIES_END + 7] = TAIL_TYPE;
  block.writeUInt32LE(extendCrc32c(seed, block, 0, ENTRIES_END), ENTRIES_END + 8);
}
