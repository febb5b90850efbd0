// All inodes of the image in memory, in the form they have on disk, with three numbers of our own for each:
// for directories the first and last child and the entry that names them (other inodes may have several).
import { FIRST_INODE, INODE_SIZE, ROOT_INODE } from './layout.ts';
import type { InodeView } from './inode-record.ts';

const INODES_PER_CHUNK = 512;

interface Chunk {
  readonly records: Buffer;
  readonly firstChild: Uint32Array;
  readonly lastChild: Uint32Array;
  readonly nameOf: Uint32Array;
}

type Link = 'firstChild' | 'lastChild' | 'nameOf';

export interface InodeStore {
  /** The lowest-numbered inode never used, or the one freed last; all zeros. */
  allocate(): number;
  free(inode: number): void;
  view(inode: number): InodeView;
  /** Type and permission bits, the field asked for most. */
  mode(inode: number): number;
  /** Index of an entry, or 0. */
  get(inode: number, link: Link): number;
  set(inode: number, link: Link, entry: number): void;
  /** One more than the highest inode ever used. */
  end(): number;
  isFree(inode: number): boolean;
  /** Records of whole chunks in order, for writing the inode tables: inode 1 comes first. */
  records(firstIndex: number): {
    readonly bytes: Buffer;
    readonly available: number;
    readonly offset: number;
  };
}

function makeChunk(): Chunk {
  return {
    records: Buffer.alloc(INODES_PER_CHUNK * INODE_SIZE),
    firstChild: new Uint32Array(INODES_PER_CHUNK),
    lastChild: new Uint32Array(INODES_PER_CHUNK),
    nameOf: new Uint32Array(INODES_PER_CHUNK),
  };
}

/** A store in which the reserved inodes and the root exist. */
export function createInodeStore(): InodeStore {
  const chunks: Chunk[] = [];
  const freed: number[] = [];
  const freedSet = new Set<number>();
  let next = FIRST_INODE;

  function chunkOf(inode: number): Chunk {
    const index = Math.floor((inode - 1) / INODES_PER_CHUNK);
    for (let known = chunks[index]; ; known = chunks[index]) {
      if (known !== undefined) return known;
      chunks.push(makeChunk());
    }
  }

  const indexOf = (inode: number): number => (inode - 1) % INODES_PER_CHUNK;
  const view = (inode: number): InodeView => ({
    bytes: chunkOf(inode).records,
    offset: indexOf(inode) * INODE_SIZE,
  });
  chunkOf(ROOT_INODE);

  return {
    allocate() {
      const reused = freed.pop();
      if (reused === undefined) return next++;
      freedSet.delete(reused);
      return reused;
    },
    free(inode) {
      const { bytes, offset } = view(inode);
      bytes.fill(0, offset, offset + INODE_SIZE);
      const chunk = chunkOf(inode);
      const index = indexOf(inode);
      chunk.firstChild[index] = 0;
      chunk.lastChild[index] = 0;
      chunk.nameOf[index] = 0;
      freed.push(inode);
      freedSet.add(inode);
    },
    view,
    mode: (inode) => chunkOf(inode).records.readUInt16LE(indexOf(inode) * INODE_SIZE),
    get: (inode, link) => chunkOf(inode)[link][indexOf(inode)] ?? 0,
    set(inode, link, entry) {
      chunkOf(inode)[link][indexOf(inode)] = entry;
    },
    end: () => next,
    isFree: (inode) => freedSet.has(inode),
    records(firstIndex) {
      const inside = firstIndex % INODES_PER_CHUNK;
      return {
        bytes: chunkOf(firstIndex + 1).records,
        offset: inside * INODE_SIZE,
        available: INODES_PER_CHUNK - inside,
      };
    },
  };
}
