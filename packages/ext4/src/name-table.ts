// All directory entries of the image: who names which inode under which bytes in which directory. Columns of numbers
// instead of objects, and one hash table over (directory, name): some 50 bytes an entry with its name.

export interface NameTable {
  /** The entry of a name in a directory, or 0. */
  find(directory: number, name: Uint8Array): number;
  /** A new entry; the name must not be there. Linking it into the directory's list is the caller's. */
  insert(directory: number, name: Uint8Array, inode: number): number;
  delete(entry: number): void;
  directory(entry: number): number;
  inode(entry: number): number;
  setInode(entry: number, inode: number): void;
  /** A view of the name's bytes. */
  name(entry: number): Buffer;
  next(entry: number): number;
  previous(entry: number): number;
  link(entry: number, previous: number, next: number): void;
  layer(entry: number): number;
  setLayer(entry: number, layer: number): void;
  count(): number;
}

const ARENA_BITS = 16;
const ARENA_BYTES = 1 << ARENA_BITS;

interface Columns {
  readonly hash: Uint32Array;
  readonly directory: Uint32Array;
  readonly inode: Uint32Array;
  readonly next: Uint32Array;
  readonly previous: Uint32Array;
  readonly namePlace: Uint32Array;
  readonly nameLength: Uint8Array;
  readonly layer: Uint16Array;
}

function makeColumns(capacity: number, from?: Columns): Columns {
  const wide = (old?: Uint32Array): Uint32Array => {
    const made = new Uint32Array(capacity);
    if (old !== undefined) made.set(old);
    return made;
  };
  const nameLength = new Uint8Array(capacity);
  const layer = new Uint16Array(capacity);
  if (from !== undefined) {
    nameLength.set(from.nameLength);
    layer.set(from.layer);
  }
  return {
    hash: wide(from?.hash),
    directory: wide(from?.directory),
    inode: wide(from?.inode),
    next: wide(from?.next),
    previous: wide(from?.previous),
    namePlace: wide(from?.namePlace),
    nameLength,
    layer,
  };
}

/** Bytes of names, never moved; a freed name is not used again. */
function createArena(): { add(name: Uint8Array): number; get(place: number, length: number): Buffer } {
  const parts: Buffer[] = [];
  let used = ARENA_BYTES;
  return {
    add(name) {
      if (used + name.length > ARENA_BYTES) {
        parts.push(Buffer.allocUnsafeSlow(ARENA_BYTES));
        used = 0;
      }
      parts.at(-1)?.set(name, used);
      const place = (parts.length - 1) * ARENA_BYTES + used;
      used += name.length;
      return place;
    },
    get(place, length) {
      const inside = place & (ARENA_BYTES - 1);
      return (parts[place >>> ARENA_BITS] ?? Buffer.alloc(0)).subarray(inside, inside + length);
    },
  };
}

/** FNV-1a over directory number and name, `seed` mixed in so that crafted names do not pile up. */
function hashOf(seed: number, directory: number, name: Uint8Array): number {
  let hash = seed ^ Math.imul(directory, 0x9e3779b1);
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ (name[at] ?? 0), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** An empty table. Entry numbers begin at 1. */
export function createNameTable(seed: number): NameTable {
  const arena = createArena();
  const freed: number[] = [];
  let columns = makeColumns(1024);
  let slots = new Uint32Array(2048);
  let end = 1;
  let count = 0;

  function sameName(entry: number, name: Uint8Array): boolean {
    const length = columns.nameLength[entry] ?? 0;
    return length === name.length && arena.get(columns.namePlace[entry] ?? 0, length).compare(name) === 0;
  }

  function find(directory: number, name: Uint8Array): number {
    const hash = hashOf(seed, directory, name);
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] ?? 0;
      if (entry === 0) return 0;
      if (columns.hash[entry] === hash && columns.directory[entry] === directory && sameName(entry, name)) {
        return entry;
      }
    }
  }

  function place(entry: number): void {
    const mask = slots.length - 1;
    let slot = (columns.hash[entry] ?? 0) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = entry;
  }

  function grow(): void {
    if (end >= columns.hash.length) columns = makeColumns(Math.ceil(columns.hash.length * 1.5), columns);
    if (count * 4 < slots.length * 3) return;
    const old = slots;
    slots = new Uint32Array(old.length * 2);
    for (const entry of old) if (entry !== 0) place(entry);
  }

  /** Takes a slot out and moves up those behind it that would no longer be found (linear probing). */
  function vacate(entry: number): void {
    const mask = slots.length - 1;
    let hole = (columns.hash[entry] ?? 0) & mask;
    while (slots[hole] !== entry) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = (columns.hash[slots[slot] ?? 0] ?? 0) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot] ?? 0;
      hole = slot;
    }
    slots[hole] = 0;
  }

  return {
    find,
    insert(directory, name, inode) {
      grow();
      const entry = freed.pop() ?? end++;
      columns.hash[entry] = hashOf(seed, directory, name);
      columns.directory[entry] = directory;
      columns.inode[entry] = inode;
      columns.next[entry] = 0;
      columns.previous[entry] = 0;
      columns.namePlace[entry] = arena.add(name);
      columns.nameLength[entry] = name.length;
      columns.layer[entry] = 0;
      count++;
      place(entry);
      return entry;
    },
    delete(entry) {
      vacate(entry);
      freed.push(entry);
      count--;
    },
    directory: (entry) => columns.directory[entry] ?? 0,
    inode: (entry) => columns.inode[entry] ?? 0,
    setInode(entry, inode) {
      columns.inode[entry] = inode;
    },
    name: (entry) => arena.get(columns.namePlace[entry] ?? 0, columns.nameLength[entry] ?? 0),
    next: (entry) => columns.next[entry] ?? 0,
    previous: (entry) => columns.previous[entry] ?? 0,
    link(entry, previous, next) {
      columns.previous[entry] = previous;
      columns.next[entry] = next;
    },
    layer: (entry) => columns.layer[entry] ?? 0,
    setLayer(entry, layer) {
      columns.layer[entry] = layer;
    },
    count: () => count,
  };
}
