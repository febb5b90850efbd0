// Directories are written when all entries are known: one block in the order entries came, or leaves under an index.
import { IgniteError } from '@ignite/api';
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
import { nameHash } from './htree-hash.ts';
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

const DOTS_BYTES = 24;

/** Entries sorted by hash, cut into leaves. */
interface Leaves {
  readonly entries: readonly number[];
  /** Index of each leaf's first entry, and the end of the last. */
  readonly starts: readonly number[];
  /** Lowest hash of each leaf, odd if it continues the one before. */
  readonly hashes: readonly number[];
}

/** A writer over a finished tree; `seed` holds the words of the hash seed. */
export function createDirectoryWriter(tree: Tree, seed: Int32Array): DirectoryWriter {
  const block = Buffer.alloc(BLOCK_SIZE);
  const { names } = tree;

  function fillBlock(entries: Iterable<number>, start: number): number {
    let at = start;
    let last = 0;
    for (const entry of entries) {
      const name = names.name(entry);
      const length = entryBytes(name.length);
      const inode = names.inode(entry);
      writeEntry(block, at, length, inode, tree.format(inode), name);
      last = at;
      at += length;
    }
    return last;
  }

  async function writeLinear(directory: number, inodeSeed: number, sink: DirectorySink): Promise<void> {
    block.fill(0);
    writeEntry(block, 0, 12, directory, S_IFDIR, Buffer.from('.'));
    writeEntry(block, 12, 12, tree.parent(directory), S_IFDIR, Buffer.from('..'));
    const last = fillBlock(tree.children(directory), DOTS_BYTES);
    sealEntries(block, Math.max(last, 12), inodeSeed);
    sink.begin(1);
    await sink.put(block);
  }

  function sortByHash(directory: number): { readonly entries: number[]; readonly hashes: number[] } {
    const keys: bigint[] = [];
    for (const entry of tree.children(directory)) {
      keys.push((BigInt(nameHash(names.name(entry), seed).major) << 32n) | BigInt(entry));
    }
    const sorted = BigUint64Array.from(keys).sort();
    const entries: number[] = [];
    const hashes: number[] = [];
    for (const key of sorted) {
      entries.push(Number(key & 0xffffffffn));
      hashes.push(Number(key >> 32n));
    }
    return { entries, hashes };
  }

  function cutLeaves(directory: number): Leaves {
    const { entries, hashes } = sortByHash(directory);
    const starts: number[] = [];
    const first: number[] = [];
    let used = ENTRIES_END;
    entries.forEach((entry, index) => {
      const length = entryBytes(names.name(entry).length);
      if (used + length > ENTRIES_END) {
        const hash = hashes[index] ?? 0;
        first.push(index > 0 && hashes[index - 1] === hash ? hash + 1 : hash);
        starts.push(index);
        used = 0;
      }
      used += length;
    });
    starts.push(entries.length);
    return { entries, starts, hashes: first };
  }

  async function writeLeaves(leaves: Leaves, inodeSeed: number, sink: DirectorySink): Promise<void> {
    for (let leaf = 0; leaf < leaves.hashes.length; leaf++) {
      block.fill(0);
      const last = fillBlock(leaves.entries.slice(leaves.starts[leaf], leaves.starts[leaf + 1]), 0);
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
        `Directory ${shown(tree.path(directory))} has too many entries`,
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
      let bytes = DOTS_BYTES;
      for (const entry of tree.children(directory)) {
        bytes += entryBytes(names.name(entry).length);
        if (bytes > ENTRIES_END) break;
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
