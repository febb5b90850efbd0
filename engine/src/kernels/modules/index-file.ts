// Writes kmod's binary index files (modules.dep.bin, modules.alias.bin): a trie of keys with values. modprobe reads
// only these, not the text files. Source: kmod, libkmod/libkmod-index.h and tools/depmod.c ("Disk format").

const MAGIC = 0xb007f457;
const VERSION = 0x00020001;
const HAS_PREFIX = 0x80000000;
const HAS_VALUES = 0x40000000;
const HAS_CHILDREN = 0x20000000;
/** Keys are ASCII. */
const MAX_KEY_CODE = 127;

export interface IndexEntry {
  readonly key: string;
  readonly value: string;
  /** Lower comes first where several values have one key. */
  readonly priority: number;
}

interface Node {
  readonly prefix: string;
  readonly values: readonly IndexEntry[];
  readonly children: ReadonlyMap<number, Node>;
}

/** The file's bytes. Entries with keys that are not ASCII are left out, as depmod does. */
export function writeIndexFile(entries: readonly IndexEntry[]): Buffer {
  const sorted = entries.filter((entry) => isAscii(entry.key)).toSorted(compareEntries);
  const chunks: Buffer[] = [];
  const file = { size: 12, chunks };
  const root = writeNode(file, buildNode(sorted, 0, sorted.length, 0));
  const header = Buffer.alloc(12);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(VERSION, 4);
  header.writeUInt32BE(root, 8);
  return Buffer.concat([header, ...chunks]);
}

/** The node for entries [from, to), which all agree in their first `depth` characters. */
function buildNode(entries: readonly IndexEntry[], from: number, to: number, depth: number): Node {
  const first = entries[from]?.key ?? '';
  const last = entries[to - 1]?.key ?? '';
  let end = depth;
  // sorted: what the first and the last share, all share
  while (end < first.length && first[end] === last[end]) end += 1;
  const children = new Map<number, Node>();
  const values: IndexEntry[] = [];
  let at = from;
  while (at < to && entries[at]?.key.length === end) {
    const entry = entries[at];
    if (entry !== undefined) values.push(entry);
    at += 1;
  }
  while (at < to) {
    const code = entries[at]?.key.charCodeAt(end) ?? 0;
    let next = at;
    while (next < to && entries[next]?.key.charCodeAt(end) === code) next += 1;
    children.set(code, buildNode(entries, at, next, end + 1));
    at = next;
  }
  return { prefix: first.slice(depth, end), values, children };
}

/** Children first, since a node holds their offsets; returns the node's offset with its flags. */
function writeNode(file: { size: number; chunks: Buffer[] }, node: Node): number {
  const parts: Buffer[] = [];
  let flags = 0;
  if (node.children.size > 0) {
    parts.push(childTable(file, node.children));
    flags |= HAS_CHILDREN;
  }
  if (node.prefix !== '') {
    parts.unshift(text(node.prefix));
    flags |= HAS_PREFIX;
  }
  if (node.values.length > 0) {
    parts.push(number(node.values.length));
    for (const entry of node.values) parts.push(number(entry.priority), text(entry.value));
    flags |= HAS_VALUES;
  }
  const offset = file.size;
  for (const part of parts) file.size += part.length;
  file.chunks.push(...parts);
  return (offset | flags) >>> 0;
}

function childTable(file: { size: number; chunks: Buffer[] }, children: ReadonlyMap<number, Node>): Buffer {
  const codes = [...children.keys()];
  const first = Math.min(...codes);
  const last = Math.max(...codes);
  const table = Buffer.alloc(2 + (last - first + 1) * 4);
  table[0] = first;
  table[1] = last;
  for (const [code, child] of children) table.writeUInt32BE(writeNode(file, child), 2 + (code - first) * 4);
  return table;
}

function compareEntries(a: IndexEntry, b: IndexEntry): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.priority !== b.priority) return a.priority - b.priority;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

function isAscii(key: string): boolean {
  for (let i = 0; i < key.length; i += 1) if (key.charCodeAt(i) > MAX_KEY_CODE) return false;
  return true;
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'latin1');
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
