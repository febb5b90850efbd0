// Which blocks are in use: one bitmap a group, in the form it has on disk (Documentation/filesystems/ext4,
// "Block and inode Bitmaps"). Blocks are handed out in rising order; freed ones are used again first.
import { IgniteError } from '@ignite/api/errors';
import { BLOCK_SIZE, BLOCKS_PER_GROUP, fixedBlocks } from './layout.ts';

export interface Run {
  readonly start: number;
  readonly count: number;
}

export interface BlockAllocator {
  /** Up to `most` adjacent blocks, at least one. Errors: ext4/too-large. */
  allocate(most: number): Run;
  /** Exactly `count` adjacent blocks that were never used; at most what fits between two fixed places. */
  allocateFresh(count: number): number;
  free(start: number, count: number): void;
  /** The first block never used. */
  next(): number;
  /** Blocks in use below `next`, the fixed ones included. */
  used(): number;
  /** The bitmap of a group; undefined if nothing but its fixed blocks was ever used. */
  bitmap(group: number): Buffer | undefined;
}

/** Sets or clears a range of bits within one bitmap. */
export function markBits(bitmap: Buffer, start: number, count: number, value: boolean): void {
  let bit = start;
  const end = start + count;
  for (; bit < end && (bit & 7) !== 0; bit++) markBit(bitmap, bit, value);
  const wholeBytes = (end - bit) >> 3;
  if (wholeBytes > 0) bitmap.fill(value ? 0xff : 0, bit >> 3, (bit >> 3) + wholeBytes);
  for (bit += wholeBytes * 8; bit < end; bit++) markBit(bitmap, bit, value);
}

function markBit(bitmap: Buffer, bit: number, value: boolean): void {
  const byte = bitmap[bit >> 3] ?? 0;
  bitmap[bit >> 3] = value ? byte | (1 << (bit & 7)) : byte & ~(1 << (bit & 7));
}

function isMarked(bitmap: Buffer, bit: number): boolean {
  return ((bitmap[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}

/** The first block at or after `block` that is no fixed block of a group. */
function skipFixed(block: number): number {
  const group = Math.floor(block / BLOCKS_PER_GROUP);
  return Math.max(block, group * BLOCKS_PER_GROUP + fixedBlocks(group));
}

/** Where `count` adjacent blocks lie at or after `block` without touching fixed blocks. */
export function placeFresh(block: number, count: number): number {
  const start = skipFixed(block);
  for (
    let group = Math.floor(start / BLOCKS_PER_GROUP) + 1;
    group * BLOCKS_PER_GROUP < start + count;
    group++
  ) {
    if (fixedBlocks(group) > 0) return placeFresh(group * BLOCKS_PER_GROUP, count);
  }
  return start;
}

/** An allocator for an image of at most `maximumBlocks`. */
export function createBlockAllocator(maximumBlocks: number): BlockAllocator {
  const bitmaps = new Map<number, Buffer>();
  let next = 0;
  let used = 0;
  let reusable = 0;
  /** No free block lies below this one. */
  let hint = 0;

  function bitmapOf(group: number): Buffer {
    const known = bitmaps.get(group);
    if (known !== undefined) return known;
    const made = Buffer.alloc(BLOCK_SIZE);
    markBits(made, 0, fixedBlocks(group), true);
    bitmaps.set(group, made);
    return made;
  }

  function mark(start: number, count: number, value: boolean): void {
    for (let block = start; block < start + count; ) {
      const group = Math.floor(block / BLOCKS_PER_GROUP);
      const inside = block - group * BLOCKS_PER_GROUP;
      const step = Math.min(start + count - block, BLOCKS_PER_GROUP - inside);
      markBits(bitmapOf(group), inside, step, value);
      block += step;
    }
    used += value ? count : -count;
  }

  function moveNext(to: number): void {
    if (to > maximumBlocks) {
      throw new IgniteError(
        'ext4/too-large',
        `The image needs more than ${maximumBlocks * BLOCK_SIZE} bytes`,
      );
    }
    next = to;
  }

  function allocateFresh(count: number): number {
    const start = placeFresh(next, count);
    // What is skipped stays free below `next`.
    for (let block = next; block < start; ) {
      const free = skipFixed(block);
      const groupEnd = (Math.floor(block / BLOCKS_PER_GROUP) + 1) * BLOCKS_PER_GROUP;
      const end = Math.min(groupEnd, start);
      if (free < end) {
        reusable += end - free;
        hint = Math.min(hint, free);
      }
      used += Math.min(free, end) - block;
      bitmapOf(Math.floor(block / BLOCKS_PER_GROUP));
      block = end;
    }
    moveNext(start + count);
    mark(start, count, true);
    return start;
  }

  function bump(most: number): Run {
    const start = skipFixed(next);
    const groupEnd = (Math.floor(start / BLOCKS_PER_GROUP) + 1) * BLOCKS_PER_GROUP;
    const count = Math.min(most, groupEnd - start);
    used += start - next;
    moveNext(start + count);
    mark(start, count, true);
    return { start, count };
  }

  function firstFree(): number {
    for (let block = hint; block < next; ) {
      const group = Math.floor(block / BLOCKS_PER_GROUP);
      const bitmap = bitmapOf(group);
      let bit = block - group * BLOCKS_PER_GROUP;
      while (bit < BLOCKS_PER_GROUP) {
        if ((bit & 7) === 0 && bitmap[bit >> 3] === 0xff) bit += 8;
        else if (isMarked(bitmap, bit)) bit++;
        else return group * BLOCKS_PER_GROUP + bit;
      }
      block = (group + 1) * BLOCKS_PER_GROUP;
    }
    return next;
  }

  function reuse(most: number): Run | undefined {
    const start = firstFree();
    hint = start;
    if (start >= next) return undefined;
    const group = Math.floor(start / BLOCKS_PER_GROUP);
    const bitmap = bitmapOf(group);
    const first = start - group * BLOCKS_PER_GROUP;
    const most1 = Math.min(most, BLOCKS_PER_GROUP - first, next - start);
    let count = 1;
    while (count < most1 && !isMarked(bitmap, first + count)) count++;
    mark(start, count, true);
    reusable -= count;
    hint = start + count;
    return { start, count };
  }

  return {
    allocate: (most) => (reusable > 0 ? reuse(most) : undefined) ?? bump(most),
    allocateFresh,
    free(start, count) {
      mark(start, count, false);
      reusable += count;
      hint = Math.min(hint, start);
    },
    next: () => next,
    used: () => used,
    bitmap: (group) => bitmaps.get(group),
  };
}
