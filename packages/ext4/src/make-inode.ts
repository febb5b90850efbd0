// Inodes of every type, from what a caller says about an entry.
import type { BytePath, EntryMeta } from './entry.ts';
import { entryError } from './errors.ts';
import { appendExtent, createExtentList, type ExtentList, writeInlineExtents } from './extent-tree.ts';
import { type ImageState, keepLongExtents } from './image-state.ts';
import {
  addBlocks,
  addFlags,
  FLAG_EXTENTS,
  I_BLOCK,
  type InodeView,
  readXattrBlock,
  writeLinks,
  writeMeta,
  writeSize,
  writeXattrBlock,
  xattrSpace,
} from './inode-record.ts';
import { BLOCK_SIZE, S_IFBLK, S_IFCHR, S_IFLNK, S_IFREG } from './layout.ts';
import { encodeXattrs, sealXattrBlock } from './xattrs.ts';

const LARGEST_ID = 0xffff_ffff;
const BILLION = 1_000_000_000;
/** A symlink's target of up to this many bytes lies in the inode. */
const LONGEST_INLINE_TARGET = 59;
const LONGEST_TARGET = 4095;
/** Long targets are kept in memory to resolve paths; no honest image has this many bytes of them. */
const MOST_LONG_TARGETS = 200_000;

function isCount(value: number, maximum: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= maximum;
}

/** Errors: ext4/entry-invalid for owners and times no inode can hold. */
export function checkMeta(path: BytePath, meta: EntryMeta): void {
  if (!isCount(meta.uid, LARGEST_ID)) throw entryError('ext4/entry-invalid', path, `owner ${meta.uid}`);
  if (!isCount(meta.gid, LARGEST_ID)) throw entryError('ext4/entry-invalid', path, `group ${meta.gid}`);
  for (const time of [meta.mtime, meta.atime ?? meta.mtime]) {
    if (!Number.isSafeInteger(time.seconds) || !isCount(time.nanoseconds, BILLION - 1)) {
      throw entryError('ext4/entry-invalid', path, `time ${time.seconds} s ${time.nanoseconds} ns`);
    }
  }
}

/** Replaces mode, owner, times and attributes of an inode. */
export async function applyMeta(
  state: ImageState,
  inode: number,
  format: number,
  path: BytePath,
  meta: EntryMeta,
): Promise<void> {
  const view = state.tree.inodes.view(inode);
  writeMeta(view, format, meta, state.made);
  const space = xattrSpace(view).fill(0);
  const old = readXattrBlock(view);
  if (old !== 0) {
    state.allocator.free(old, 1);
    writeXattrBlock(view, 0);
    addBlocks(view, -1);
  }
  if (meta.xattrs === undefined || meta.xattrs.size === 0) return;
  const rest = encodeXattrs(meta.xattrs, space, path);
  if (rest === undefined) return;
  const block = state.allocator.allocate(1).start;
  sealXattrBlock(rest, block, 1, state.seed);
  await state.output.put(block, rest, 0, BLOCK_SIZE);
  writeXattrBlock(view, block);
  addBlocks(view, 1);
}

/** A new inode with metadata and one link, owning no blocks yet. */
export async function newInode(
  state: ImageState,
  format: number,
  path: BytePath,
  meta: EntryMeta,
): Promise<{ readonly inode: number; readonly view: InodeView }> {
  checkMeta(path, meta);
  const inode = state.tree.inodes.allocate();
  await applyMeta(state, inode, format, path, meta);
  const view = state.tree.inodes.view(inode);
  writeLinks(view, 1);
  return { inode, view };
}

/** Gives an inode its size and blocks. */
export function setContent(state: ImageState, inode: number, size: number, list: ExtentList): void {
  const view = state.tree.inodes.view(inode);
  writeSize(view, size);
  addFlags(view, FLAG_EXTENTS);
  addBlocks(view, list.blocks);
  writeInlineExtents(view, keepLongExtents(state, inode, list) ? [] : list.triples);
}

/** A regular file with the extents of its content. @returns the number of its inode */
export async function newFile(
  state: ImageState,
  path: BytePath,
  meta: EntryMeta,
  size: number,
  list: ExtentList,
): Promise<number> {
  const { inode } = await newInode(state, S_IFREG, path, meta);
  setContent(state, inode, size, list);
  return inode;
}

/** Errors: ext4/entry-invalid if the target is empty, too long or holds NUL. */
export async function newSymlink(
  state: ImageState,
  path: BytePath,
  meta: EntryMeta,
  target: string,
): Promise<number> {
  if (target === '' || target.length > LONGEST_TARGET || target.includes('\0')) {
    throw entryError(
      'ext4/entry-invalid',
      path,
      'the target of the symbolic link is empty, too long or holds NUL',
    );
  }
  const { inode, view } = await newInode(state, S_IFLNK, path, { ...meta, mode: 0o777 });
  if (target.length <= LONGEST_INLINE_TARGET) {
    writeSize(view, target.length);
    view.bytes.write(target, view.offset + I_BLOCK, 'latin1');
    return inode;
  }
  if (state.longTargets.size >= MOST_LONG_TARGETS) {
    throw entryError(
      'ext4/too-many-entries',
      path,
      `more than ${MOST_LONG_TARGETS} symbolic links over 59 bytes`,
    );
  }
  const block = Buffer.alloc(BLOCK_SIZE);
  block.write(target, 'latin1');
  const list = createExtentList();
  appendExtent(list, 0, state.allocator.allocate(1).start, 1);
  await state.output.put(list.triples[1] ?? 0, block, 0, BLOCK_SIZE);
  setContent(state, inode, target.length, list);
  state.longTargets.set(inode, target);
  return inode;
}

/** A device's numbers: two bytes where both are below 256, else the wider form (kernel include/linux/kdev_t.h). */
export async function newDevice(
  state: ImageState,
  path: BytePath,
  meta: EntryMeta,
  kind: 'character' | 'block',
  major: number,
  minor: number,
): Promise<number> {
  if (!isCount(major, 0xfff) || !isCount(minor, 0xfffff)) {
    throw entryError('ext4/entry-invalid', path, `no kernel has a device number ${major}:${minor}`);
  }
  const { inode, view } = await newInode(state, kind === 'character' ? S_IFCHR : S_IFBLK, path, meta);
  const at = view.offset + I_BLOCK;
  if (major < 256 && minor < 256) view.bytes.writeUInt32LE((major << 8) | minor, at);
  else view.bytes.writeUInt32LE(((minor & 0xff) | (major << 8) | ((minor & 0xfff00) << 12)) >>> 0, at + 4);
  return inode;
}
