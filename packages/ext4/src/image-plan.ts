// How large an image gets and how many groups and inodes it has: pure arithmetic over what was put in.
import { placeFresh } from './block-allocator.ts';
import { BLOCK_SIZE, BLOCKS_PER_GROUP, INODES_PER_BLOCK } from './layout.ts';

export interface PlanInput {
  /** First block never used. */
  readonly next: number;
  /** Free blocks below `next`. */
  readonly freeBelow: number;
  /** Highest inode number in use. */
  readonly inodes: number;
  /** Blocks that shall be free at least. */
  readonly wantedFree: number;
  readonly minimumBlocks: number;
}

export interface ImagePlan {
  readonly blocks: number;
  readonly groups: number;
  readonly inodesPerGroup: number;
}

/** One inode for 16 KiB, as mke2fs by default; new groups get the same when the disk grows. */
const USUAL_INODES_PER_GROUP = 8192;
/** Under one bitmap block of bits, and so few that 16 TiB of such groups stay below 2^32 inodes (fs/ext4/resize.c). */
const MOST_INODES_PER_GROUP = 8 * BLOCK_SIZE - 16;
/** Sizes are multiples of 1 MiB, so the last group always holds its fixed blocks. */
const SIZE_STEP = (1024 * 1024) / BLOCK_SIZE;

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** Enough inodes for those in use and a sixteenth more; undefined if the groups are too few. */
function inodesPerGroup(inodes: number, groups: number): number | undefined {
  const wanted = roundUp(Math.ceil((inodes * 17) / 16 / groups), INODES_PER_BLOCK);
  if (wanted > MOST_INODES_PER_GROUP) return undefined;
  return Math.max(USUAL_INODES_PER_GROUP, wanted);
}

/** The block after all bitmaps and inode tables, laid as `allocateFresh` lays them. */
function endOfTables(next: number, groups: number, tableBlocks: number): number {
  let at = next;
  for (let bitmap = 0; bitmap < 2 * groups; bitmap++) at = placeFresh(at, 1) + 1;
  for (let group = 0; group < groups; group++) at = placeFresh(at, tableBlocks) + tableBlocks;
  return at;
}

/** The smallest image that holds everything: bitmaps and tables of its groups come after what was put in. */
export function planImage(input: PlanInput): ImagePlan {
  const least = Math.max(input.next, input.minimumBlocks, 1);
  for (let groups = Math.ceil(least / BLOCKS_PER_GROUP); ; groups++) {
    const perGroup = inodesPerGroup(input.inodes, groups);
    if (perGroup === undefined) continue;
    const end = endOfTables(input.next, groups, perGroup / INODES_PER_BLOCK);
    const missingFree = Math.max(0, input.wantedFree - input.freeBelow);
    const inLastGroup = (groups - 1) * BLOCKS_PER_GROUP + SIZE_STEP;
    const blocks = roundUp(Math.max(end + missingFree, input.minimumBlocks, inLastGroup), SIZE_STEP);
    if (blocks <= groups * BLOCKS_PER_GROUP) return { blocks, groups, inodesPerGroup: perGroup };
  }
}
