// What all parts of a writer share while an image grows.
import { randomInt } from 'node:crypto';
import { type BlockAllocator, createBlockAllocator } from './block-allocator.ts';
import { type BlockOutput, createBlockOutput } from './block-output.ts';
import { extendCrc32c } from '@ignite/api/crc32c';
import type { Ext4Options, FileTime } from './entry.ts';
import { type ExtentList, INLINE_EXTENTS, readInlineExtents } from './extent-tree.ts';
import { FLAG_EXTENTS, I_BLOCK, readFlags, readSize, readXattrBlock } from './inode-record.ts';
import { BLOCK_SIZE } from './layout.ts';
import { createTree, type Tree } from './tree.ts';

export interface ImageState {
  readonly options: Ext4Options;
  readonly tree: Tree;
  readonly allocator: BlockAllocator;
  readonly output: BlockOutput;
  /** Extents of inodes that have more than fit into them; their trees are written at the end. */
  readonly longExtents: Map<number, ArrayLike<number>>;
  /** Targets of symlinks that do not fit into their inodes. */
  readonly longTargets: Map<number, string>;
  /** What all checksums of metadata begin with. */
  readonly seed: number;
  /** Change and creation time of everything. */
  readonly made: FileTime;
}

const DEFAULT_ENTRIES = 10_000_000;
const SIXTEEN_TIB = 2 ** 44;

/** Extents of an inode, wherever they are kept; none for short symlinks and devices. */
export function extentsOf(state: ImageState, inode: number): ArrayLike<number> {
  const long = state.longExtents.get(inode);
  if (long !== undefined) return long;
  const view = state.tree.inodes.view(inode);
  return (readFlags(view) & FLAG_EXTENTS) === 0 ? [] : readInlineExtents(view);
}

function releaseInode(state: ImageState, inode: number): void {
  const extents = extentsOf(state, inode);
  for (let at = 0; at < extents.length; at += 3) {
    state.allocator.free(extents[at + 1] ?? 0, extents[at + 2] ?? 0);
  }
  const xattrs = readXattrBlock(state.tree.inodes.view(inode));
  if (xattrs !== 0) state.allocator.free(xattrs, 1);
  state.longExtents.delete(inode);
  state.longTargets.delete(inode);
}

/** Keeps extents that do not fit into the inode; true if so. */
export function keepLongExtents(state: ImageState, inode: number, list: ExtentList): boolean {
  if (list.triples.length <= INLINE_EXTENTS * 3) return false;
  // Block numbers fit into 32 bits up to 16 TiB, the largest image we make.
  state.longExtents.set(inode, Uint32Array.from(list.triples));
  return true;
}

/** Target of a symlink's inode. */
export function targetOf(state: ImageState, inode: number): string {
  const long = state.longTargets.get(inode);
  if (long !== undefined) return long;
  const { bytes, offset } = state.tree.inodes.view(inode);
  const size = readSize({ bytes, offset });
  return bytes.toString('latin1', offset + I_BLOCK, offset + I_BLOCK + size);
}

/** The state of an image nothing has been put into. */
export function createImageState(options: Ext4Options): ImageState {
  const tree = createTree({
    maximumEntries: options.maximumEntries ?? DEFAULT_ENTRIES,
    // Of no consequence for the image, and unknown to the author of its names.
    hashSeed: randomInt(2 ** 32),
    release: (inode) => releaseInode(state, inode),
  });
  const state: ImageState = {
    options,
    tree,
    allocator: createBlockAllocator(
      Math.floor(Math.min(options.maximumBytes ?? SIXTEEN_TIB, SIXTEEN_TIB) / BLOCK_SIZE),
    ),
    output: createBlockOutput(options.sink),
    longExtents: new Map(),
    longTargets: new Map(),
    seed: extendCrc32c(0xffffffff, options.uuid),
    made: { seconds: options.epochSeconds, nanoseconds: 0 },
  };
  return state;
}
