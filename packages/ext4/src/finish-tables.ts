// The last step: inode tables, bitmaps, descriptors and superblocks, laid behind everything else.
import { markBits } from './block-allocator.ts';
import { extendCrc32c } from '@ignite/api/crc32c';
import {
  BLOCK_UNINIT,
  type GroupDescriptor,
  INODE_UNINIT,
  INODE_ZEROED,
  makeGroupDescriptor,
} from './group-descriptors.ts';
import type { ImagePlan } from './image-plan.ts';
import type { ImageState } from './image-state.ts';
import { sealInode } from './inode-record.ts';
import {
  BLOCK_SIZE,
  BLOCKS_PER_GROUP,
  DESCRIPTOR_SIZE,
  FIRST_INODE,
  fixedBlocks,
  GROUPS_PER_META,
  hasDescriptors,
  hasSuperblock,
  INODE_SIZE,
  INODES_PER_BLOCK,
  S_IFDIR,
} from './layout.ts';
import { makeSuperblock, SUPERBLOCK_BYTES, type SuperblockFields } from './superblock.ts';

/** Where a group's bitmaps and inode table lie. */
interface GroupPlace {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
}

interface InodeUse {
  readonly bitmap: Buffer;
  readonly used: number;
  readonly directories: number;
  /** One more than the index of the last inode in use within the group. */
  readonly end: number;
}

const BITS_SET = Uint8Array.from(
  { length: 256 },
  (_none, byte) => byte.toString(2).replaceAll('0', '').length,
);

function countBits(bitmap: Buffer): number {
  let bits = 0;
  for (const byte of bitmap) bits += BITS_SET[byte] ?? 0;
  return bits;
}

/** Takes the blocks for all bitmaps, then for all tables; the same order as `planImage`. */
function placeGroups(state: ImageState, plan: ImagePlan): GroupPlace[] {
  const fresh = (count: number): number => state.allocator.allocateFresh(count);
  const bitmaps = Array.from({ length: plan.groups }, () => [fresh(1), fresh(1)] as const);
  const tableBlocks = plan.inodesPerGroup / INODES_PER_BLOCK;
  return bitmaps.map(([blockBitmap, inodeBitmap]) => ({
    blockBitmap,
    inodeBitmap,
    inodeTable: fresh(tableBlocks),
  }));
}

/** Seals the inodes of a group and notes which are in use. */
function useInodes(state: ImageState, plan: ImagePlan, group: number): InodeUse {
  const { inodes } = state.tree;
  const bitmap = Buffer.alloc(BLOCK_SIZE);
  const first = group * plan.inodesPerGroup;
  const last = Math.min(plan.inodesPerGroup, inodes.end() - 1 - first);
  let used = 0;
  let directories = 0;
  let end = 0;
  for (let index = 0; index < last; index++) {
    const inode = first + index + 1;
    if (inodes.isFree(inode)) continue;
    used++;
    end = index + 1;
    markBits(bitmap, index, 1, true);
    const format = state.tree.format(inode);
    // Reserved inodes are in use and empty; all zeros stand for them.
    if (inode < FIRST_INODE && format === 0) continue;
    if (format === S_IFDIR) directories++;
    sealInode(inodes.view(inode), state.seed, inode);
  }
  markBits(bitmap, plan.inodesPerGroup, 8 * BLOCK_SIZE - plan.inodesPerGroup, true);
  return { bitmap, used, directories, end };
}

/** Writes the part of a group's inode table that is in use; the rest is a hole. */
async function writeInodes(
  state: ImageState,
  plan: ImagePlan,
  group: number,
  table: number,
  end: number,
): Promise<void> {
  const count = Math.ceil(end / INODES_PER_BLOCK) * INODES_PER_BLOCK;
  for (let index = 0; index < count; ) {
    const { bytes, offset, available } = state.tree.inodes.records(group * plan.inodesPerGroup + index);
    const step = Math.min(available, count - index);
    await state.output.put(table + index / INODES_PER_BLOCK, bytes, offset, offset + step * INODE_SIZE);
    index += step;
  }
}

interface FinishedGroup {
  readonly descriptor: Buffer;
  readonly freeBlocks: number;
  readonly freeInodes: number;
}

/** The block bitmap of a group; `uninit` if it says nothing but what every group's start says. */
function finalBlockBitmap(
  state: ImageState,
  plan: ImagePlan,
  group: number,
): { readonly bitmap: Buffer; readonly uninit: boolean; readonly free: number } {
  const known = state.allocator.bitmap(group);
  const inGroup = Math.min(BLOCKS_PER_GROUP, plan.blocks - group * BLOCKS_PER_GROUP);
  const uninit = known === undefined && group !== plan.groups - 1;
  const bitmap = known ?? Buffer.alloc(BLOCK_SIZE);
  if (known === undefined) markBits(bitmap, 0, fixedBlocks(group), true);
  markBits(bitmap, inGroup, BLOCKS_PER_GROUP - inGroup, true);
  return { bitmap, uninit, free: BLOCKS_PER_GROUP - countBits(bitmap) };
}

async function finishGroup(
  state: ImageState,
  plan: ImagePlan,
  group: number,
  place: GroupPlace,
): Promise<FinishedGroup> {
  const inodes = useInodes(state, plan, group);
  await writeInodes(state, plan, group, place.inodeTable, inodes.end);
  const blocks = finalBlockBitmap(state, plan, group);
  if (!blocks.uninit) await state.output.put(place.blockBitmap, blocks.bitmap, 0, BLOCK_SIZE);
  if (inodes.used > 0) await state.output.put(place.inodeBitmap, inodes.bitmap, 0, BLOCK_SIZE);
  const freeInodes = plan.inodesPerGroup - inodes.used;
  const fields: GroupDescriptor = {
    ...place,
    freeBlocks: blocks.free,
    freeInodes,
    directories: inodes.directories,
    unusedInodes: plan.inodesPerGroup - inodes.end,
    flags: INODE_ZEROED | (blocks.uninit ? BLOCK_UNINIT : 0) | (inodes.used === 0 ? INODE_UNINIT : 0),
    blockBitmapSum: blocks.uninit ? 0 : extendCrc32c(state.seed, blocks.bitmap),
    inodeBitmapSum:
      inodes.used === 0 ? 0 : extendCrc32c(state.seed, inodes.bitmap, 0, plan.inodesPerGroup / 8),
  };
  return { descriptor: makeGroupDescriptor(group, fields, state.seed), freeBlocks: blocks.free, freeInodes };
}

/** The descriptor block of a meta block group, at each of its three places. */
async function writeDescriptors(state: ImageState, groups: readonly FinishedGroup[]): Promise<void> {
  for (let first = 0; first < groups.length; first += GROUPS_PER_META) {
    const block = Buffer.alloc(BLOCK_SIZE);
    const members = groups.slice(first, first + GROUPS_PER_META);
    members.forEach((member, index) => block.set(member.descriptor, index * DESCRIPTOR_SIZE));
    for (let group = first; group < first + members.length; group++) {
      if (!hasDescriptors(group)) continue;
      await state.output.put(group * BLOCKS_PER_GROUP + (hasSuperblock(group) ? 1 : 0), block, 0, BLOCK_SIZE);
    }
  }
}

async function writeSuperblocks(state: ImageState, groups: number, fields: SuperblockFields): Promise<void> {
  for (let group = groups - 1; group >= 0; group--) {
    if (!hasSuperblock(group)) continue;
    const block = Buffer.alloc(BLOCK_SIZE);
    block.set(makeSuperblock(fields, group), group === 0 ? SUPERBLOCK_BYTES : 0);
    await state.output.put(group * BLOCKS_PER_GROUP, block, 0, BLOCK_SIZE);
  }
}

/** Writes everything that describes the groups. Returns the number of free blocks. */
export async function writeTables(
  state: ImageState,
  plan: ImagePlan,
  journal: SuperblockFields['journal'],
): Promise<number> {
  const places = placeGroups(state, plan);
  const finished: FinishedGroup[] = [];
  let freeBlocks = 0;
  let freeInodes = 0;
  for (const [group, place] of places.entries()) {
    const one = await finishGroup(state, plan, group, place);
    finished.push(one);
    freeBlocks += one.freeBlocks;
    freeInodes += one.freeInodes;
  }
  await writeDescriptors(state, finished);
  const { label, uuid, hashSeed, epochSeconds } = state.options;
  await writeSuperblocks(state, plan.groups, {
    inodes: plan.groups * plan.inodesPerGroup,
    blocks: plan.blocks,
    freeBlocks,
    freeInodes,
    inodesPerGroup: plan.inodesPerGroup,
    uuid,
    label: Buffer.from(label, 'utf8'),
    hashSeed,
    epochSeconds,
    ...(journal === undefined ? {} : { journal }),
  });
  await state.output.flush();
  return freeBlocks;
}
