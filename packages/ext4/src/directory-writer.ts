// Directories are written when all entries are known: one block in the order entries came, or leaves under an index.
import { IgniteError } from '@ignite/api/errors';
import { ENTRIES_END, entryBytes, sealEntries, writeEntry } from './directory-block.ts';
import { shown } from './errors.ts';
import {
  type IndexEntry,
  MOST_LEAVES,
  NODE_LIMIT,
  ROOT_LIMIT,
  writeHtreeNode,
  writeHtreeRoot,
} from './htree.ts';
import { createNameHash } from './htree-hash.ts';
import { BLOCK_SIZE, S_IFDIR } from './layout.ts';
import type { Tree } from './tree.ts';

/** Where the blocks of a directory go: called once for every block, in order from block 0. */
export interface DirectorySink {
  /** Says how many blocks will follow. */
  begin(blocks: number): void;
  put(block: Buffer): Promise<void>;
}

export interface DirectoryWriter {
  /** Writes the blocks of one directory; true if it got an index. */
  write(directory: number, inodeSeed: number, sink: DirectorySink): Promise<boolean>;
}

const DOT_BYTES = 12;

const DOT = Buffer.from('.');
const DOT_DOT = Buffer.from('..');

/** Entries sorted by hash, cut into leaves. */
interface Leaves {
  readonly pairs: Uint32Array;
  /** Index of each leaf's first pair, and the end of the last. */
  readonly starts: readonly number[];
  /** Lowest hash of each leaf, odd if it continues the one before. */
  readonly hashes: readonly number[];
}

/** A writer over a finished tree; `seed` is the file system's hash seed. */
export function createDirectoryWriter(tree: Tree, seed: Uint8Array): DirectoryWriter {
  const block = Buffer.alloc(BLOCK_SIZE);
  const nameHash = createNameHash(seed);
  const { names } = tree;

  /** Puts one entry into the block; returns where the next one goes. */
  function addEntry(entry: number, at: number): number {
    const name = names.name(entry);
    const length = entryBytes(name.length);
    const inode = names.inode(entry);
    writeEntry(block, at, length, inode, tree.format(inode), name);
    return at + length;
  }

  async function writeLinear(directory: number, inodeSeed: number, sink: DirectorySink): Promise<void> {
    block.fill(0);
    writeEntry(block, 0, DOT_BYTES, directory, S_IFDIR, DOT);
    writeEntry(block, DOT_BYTES, DOT_BYTES, tree.parent(directory), S_IFDIR, DOT_DOT);
    let last = DOT_BYTES;
    let at = 2 * DOT_BYTES;
    for (let entry = tree.firstChild(directory); entry !== 0; entry = names.next(entry)) {
      last = at;
      at = addEntry(entry, at);
    }
    sealEntries(block, last, inodeSeed);
    sink.begin(1);
    await sink.put(block);
  }

  /** Pairs of entry and hash, sorted by hash and then by age, as numbers of 64 bits (all our hosts are little-endian). */
  function sortByHash(directory: number): Uint32Array {
    let count = 0;
    for (let entry = tree.firstChild(directory); entry !== 0; entry = names.next(entry)) count++;
    const pairs = new Uint32Array(2 * count);
    let at = 0;
    for (let entry = tree.firstChild(directory); entry !== 0; entry = names.next(entry)) {
      pairs[at++] = entry;
      pairs[at++] = nameHash(names.name(entry));
    }
    new BigUint64Array(pairs.buffer).sort();
    return pairs;
  }

  function cutLeaves(directory: number): Leaves {
    const pairs = sortByHash(directory);
    const starts: number[] = [];
    const hashes: number[] = [];
    let used = ENTRIES_END;
    for (let at = 0; at < pairs.length; at += 2) {
      const length = entryBytes(names.name(pairs[at] ?? 0).length);
      if (used + length > ENTRIES_END) {
        const hash = pairs[at + 1] ?? 0;
        hashes.push(at > 0 && pairs[at - 1] === hash ? hash + 1 : hash);
        starts.push(at);
        used = 0;
      }
      used += length;
    }
    starts.push(pairs.length);
    return { pairs, starts, hashes };
  }

  async function writeLeaves(leaves: Leaves, inodeSeed: number, sink: DirectorySink): Promise<void> {
    for (let leaf = 0; leaf < leaves.hashes.length; leaf++) {
      const end = leaves.starts[leaf + 1] ?? 0;
      let last = 0;
      let at = 0;
      block.fill(0);
      for (let pair = leaves.starts[leaf] ?? 0; pair < end; pair += 2) {
        last = at;
        at = addEntry(leaves.pairs[pair] ?? 0, at);
      }
      sealEntries(block, last, inodeSeed);
      await sink.put(block);
    }
  }

  async function writeIndexed(directory: number, inodeSeed: number, sink: DirectorySink): Promise<void> {
    const leaves = cutLeaves(directory);
    const count = leaves.hashes.length;
    if (count > MOST_LEAVES) {
      throw new IgniteError(
        'ext4/entry-invalid',
        `Directory ${shown(tree.path(tree.inodes.get(directory, 'nameOf')))} has too many entries`,
      );
    }
    const index: IndexEntry[] = leaves.hashes.map((hash, leaf) => ({ hash, block: leaf + 1 }));
    const nodes: IndexEntry[][] = [];
    if (count > ROOT_LIMIT) {
      for (let at = 0; at < count; at += NODE_LIMIT) nodes.push(index.slice(at, at + NODE_LIMIT));
    }
    const top = nodes.map((node, at) => ({ hash: node[0]?.hash ?? 0, block: 1 + count + at }));
    sink.begin(1 + count + nodes.length);
    const root = nodes.length > 0 ? top : index;
    writeHtreeRoot(block, directory, tree.parent(directory), nodes.length > 0 ? 1 : 0, root, inodeSeed);
    await sink.put(block);
    await writeLeaves(leaves, inodeSeed, sink);
    for (const node of nodes) {
      writeHtreeNode(block, node, inodeSeed);
      await sink.put(block);
    }
  }

  return {
    async write(directory, inodeSeed, sink) {
      let bytes = 2 * DOT_BYTES;
      for (
        let entry = tree.firstChild(directory);
        entry !== 0 && bytes <= ENTRIES_END;
        entry = names.next(entry)
      ) {
        bytes += entryBytes(names.name(entry).length);
      }
      if (bytes <= ENTRIES_END) {
        await writeLinear(directory, inodeSeed, sink);
        return false;
      }
      await writeIndexed(directory, inodeSeed, sink);
      return true;
    },
  };
}
