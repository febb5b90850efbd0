// Where things must lie in an image, whatever its size: Documentation/filesystems/ext4, "Layout", "Block Groups",
// "Meta Block Groups", "Sparse super". All else may lie anywhere (flex_bg), which is what lets one pass write it.

export const BLOCK_SIZE = 4096;
export const BLOCK_BITS = 12;
/** One bitmap block covers a group: 128 MiB. */
export const BLOCKS_PER_GROUP = 8 * BLOCK_SIZE;
export const INODE_SIZE = 256;
export const INODES_PER_BLOCK = BLOCK_SIZE / INODE_SIZE;
export const DESCRIPTOR_SIZE = 64;
/** Groups whose descriptors fill one block: a meta block group, 8 GiB. */
export const GROUPS_PER_META = BLOCK_SIZE / DESCRIPTOR_SIZE;

export const ROOT_INODE = 2;
export const JOURNAL_INODE = 8;
/** Inodes 1 to 10 are reserved. */
export const FIRST_INODE = 11;

export const S_IFMT = 0xf000;
export const S_IFIFO = 0x1000;
export const S_IFCHR = 0x2000;
export const S_IFDIR = 0x4000;
export const S_IFBLK = 0x6000;
export const S_IFREG = 0x8000;
export const S_IFLNK = 0xa000;
export const S_IFSOCK = 0xc000;

function isPowerOf(value: number, base: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}

/** Whether a group begins with a copy of the superblock (sparse_super): 0, 1 and the powers of 3, 5 and 7. */
export function hasSuperblock(group: number): boolean {
  if (group <= 1) return true;
  return group % 2 === 1 && (isPowerOf(group, 3) || isPowerOf(group, 5) || isPowerOf(group, 7));
}

/** Whether a group holds the descriptor block of its meta block group: the first, the second and the last do. */
export function hasDescriptors(group: number): boolean {
  const place = group % GROUPS_PER_META;
  return place <= 1 || place === GROUPS_PER_META - 1;
}

/** Blocks at the start of a group that are taken in every image: superblock copy, then descriptors. */
export function fixedBlocks(group: number): number {
  return (hasSuperblock(group) ? 1 : 0) + (hasDescriptors(group) ? 1 : 0);
}
