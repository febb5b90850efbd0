// From a finished tree to a finished image: directories, extent trees, the journal, then the tables.
import { createDirectoryWriter } from './directory-writer.ts';
import type { Ext4Result, FinishOptions } from './entry.ts';
import { appendExtent, createExtentList, treeBlocksFor, writeExtentTree } from './extent-tree.ts';
import { writeTables } from './finish-tables.ts';
import { type ImagePlan, planImage } from './image-plan.ts';
import type { ImageState } from './image-state.ts';
import {
  addBlocks,
  addFlags,
  FLAG_INDEX,
  I_BLOCK,
  I_BLOCK_BYTES,
  inodeSeed,
  writeLinks,
  writeMeta,
} from './inode-record.ts';
import { journalBlocksFor, makeJournalSuperblock, SMALLEST_JOURNAL_BLOCKS } from './journal.ts';
import { BLOCK_SIZE, BLOCKS_PER_GROUP, JOURNAL_INODE, ROOT_INODE, S_IFDIR, S_IFREG } from './layout.ts';
import { setContent } from './make-inode.ts';
import type { SuperblockFields } from './superblock.ts';

/** A directory with more links says 1: nobody counts them (dir_nlink). */
const MOST_LINKS = 64_999;
const DEFAULT_FREE_BYTES = 1024 * 1024;

async function writeDirectory(
  state: ImageState,
  writer: ReturnType<typeof createDirectoryWriter>,
  directory: number,
): Promise<void> {
  const { tree } = state;
  const list = createExtentList();
  const places: number[] = [];
  let blocks = 0;
  let done = 0;
  const indexed = await writer.write(directory, inodeSeed(state.seed, directory), {
    begin(count) {
      blocks = count;
      for (let taken = 0; taken < count; ) {
        const run = state.allocator.allocate(count - taken);
        appendExtent(list, taken, run.start, run.count);
        for (let block = 0; block < run.count; block++) places.push(run.start + block);
        taken += run.count;
      }
    },
    async put(block) {
      await state.output.put(places[done++] ?? 0, block, 0, BLOCK_SIZE);
    },
  });
  let links = 2;
  for (let entry = tree.firstChild(directory); entry !== 0; entry = tree.names.next(entry)) {
    if (tree.format(tree.names.inode(entry)) === S_IFDIR) links++;
  }
  const view = tree.inodes.view(directory);
  writeLinks(view, links > MOST_LINKS ? 1 : links);
  setContent(state, directory, blocks * BLOCK_SIZE, list);
  if (indexed) addFlags(view, FLAG_INDEX);
}

async function writeDirectories(state: ImageState): Promise<void> {
  const writer = createDirectoryWriter(state.tree, state.options.hashSeed);
  const end = state.tree.inodes.end();
  for (let inode = ROOT_INODE; inode < end; inode++) {
    if (state.tree.format(inode) === S_IFDIR) await writeDirectory(state, writer, inode);
  }
}

async function writeExtentTrees(state: ImageState): Promise<void> {
  for (const [inode, triples] of state.longExtents) {
    const view = state.tree.inodes.view(inode);
    addBlocks(view, treeBlocksFor(triples.length / 3));
    await writeExtentTree(
      view,
      triples,
      inodeSeed(state.seed, inode),
      () => state.allocator.allocate(1).start,
      async (block, bytes) => state.output.put(block, bytes, 0, BLOCK_SIZE),
    );
  }
  state.longExtents.clear();
}

/** Lays an empty journal into blocks never written, which therefore read as zeros. */
async function writeJournal(state: ImageState, blocks: number): Promise<SuperblockFields['journal']> {
  const list = createExtentList();
  const longestRun = BLOCKS_PER_GROUP / 2;
  for (let taken = 0; taken < blocks; ) {
    const count = Math.min(longestRun, blocks - taken);
    appendExtent(list, taken, state.allocator.allocateFresh(count), count);
    taken += count;
  }
  await state.output.put(
    list.triples[1] ?? 0,
    makeJournalSuperblock(blocks, state.options.uuid),
    0,
    BLOCK_SIZE,
  );
  const view = state.tree.inodes.view(JOURNAL_INODE);
  writeMeta(view, S_IFREG, { mode: 0o600, uid: 0, gid: 0, mtime: state.made }, state.made);
  writeLinks(view, 1);
  setContent(state, JOURNAL_INODE, blocks * BLOCK_SIZE, list);
  await writeExtentTrees(state);
  const iBlock = view.bytes.subarray(view.offset + I_BLOCK, view.offset + I_BLOCK + I_BLOCK_BYTES);
  return { iBlock, bytes: blocks * BLOCK_SIZE };
}

function journalBlocks(state: ImageState, minimumBlocks: number): number {
  const asked = state.options.journalBytes;
  if (asked === 0) return 0;
  if (asked !== undefined) return Math.max(SMALLEST_JOURNAL_BLOCKS, Math.floor(asked / BLOCK_SIZE));
  return journalBlocksFor(Math.max(state.allocator.next(), minimumBlocks));
}

function plan(state: ImageState, minimumBlocks: number, freeBytes: number): ImagePlan {
  const { allocator, tree } = state;
  return planImage({
    next: allocator.next(),
    freeBelow: allocator.next() - allocator.used(),
    inodes: tree.inodes.end() - 1,
    wantedFree: Math.ceil(freeBytes / BLOCK_SIZE),
    minimumBlocks,
  });
}

/** See Ext4Writer.finish. */
export async function finishImage(state: ImageState, options: FinishOptions): Promise<Ext4Result> {
  const minimumBlocks = Math.ceil((options.minimumBytes ?? 0) / BLOCK_SIZE);
  const entries = state.tree.names.count();
  await writeDirectories(state);
  await writeExtentTrees(state);
  const blocks = journalBlocks(state, minimumBlocks);
  const journal = blocks === 0 ? undefined : await writeJournal(state, blocks);
  const planned = plan(state, minimumBlocks, options.freeBytes ?? DEFAULT_FREE_BYTES);
  const freeBlocks = await writeTables(state, planned, journal);
  return {
    bytes: planned.blocks * BLOCK_SIZE,
    entries,
    usedBytes: (planned.blocks - freeBlocks) * BLOCK_SIZE,
  };
}
