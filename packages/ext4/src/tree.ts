// The tree of names and inodes: linking, unlinking, removing whole trees, and which layer brought what.
import { IgniteError } from '@ignite/api/errors';
import type { BytePath } from './entry.ts';
import { createInodeStore, type InodeStore } from './inode-store.ts';
import { readLinks, writeLinks } from './inode-record.ts';
import { ROOT_INODE, S_IFDIR, S_IFLNK, S_IFMT } from './layout.ts';
import { createNameTable, type NameTable } from './name-table.ts';

export interface Tree {
  readonly inodes: InodeStore;
  readonly names: NameTable;
  beginLayer(): void;
  /** S_IFDIR, S_IFREG, … of an inode. */
  format(inode: number): number;
  parent(directory: number): number;
  /** Names an inode in a directory that has no such name. Errors: ext4/too-many-entries. */
  attach(directory: number, name: Buffer, inode: number): number;
  /** Says that the current layer brought this entry, and so needs the directories above it. */
  touch(entry: number): void;
  /** Removes an entry and, if it is a directory, everything below. */
  removeTree(entry: number): void;
  /** Removes below and with an entry what the current layer did not touch. */
  removeLower(entry: number): void;
  /** Removes below a directory what the current layer did not touch. */
  clearLower(directory: number): void;
  /** First entry of a directory in the order they came, 0 for none; `names.next` leads on. */
  firstChild(directory: number): number;
  /** Entries of a directory in the order they came. */
  children(directory: number): Generator<number, void, undefined>;
  /** The path of an entry; empty for 0, the root. */
  path(entry: number): BytePath;
  /** Rises whenever a directory or symlink goes away: resolved paths may have changed. */
  epoch(): number;
}

export interface TreeOptions {
  readonly maximumEntries: number;
  readonly hashSeed: number;
  /** Frees what an inode owns outside of the tree; called before the inode is freed. */
  readonly release: (inode: number) => void;
}

const LAST_LAYER = 0xffff;

/** A tree with only a root, whose inode the caller fills in. */
export function createTree(options: TreeOptions): Tree {
  const inodes = createInodeStore();
  const names = createNameTable(options.hashSeed);
  let layer = 0;
  let epoch = 0;

  const format = (inode: number): number => inodes.mode(inode) & S_IFMT;

  function attach(directory: number, name: Buffer, inode: number): number {
    if (names.count() >= options.maximumEntries) {
      throw new IgniteError(
        'ext4/too-many-entries',
        `The image has more than ${options.maximumEntries} entries`,
      );
    }
    const entry = names.insert(directory, name, inode);
    const last = inodes.get(directory, 'lastChild');
    if (last === 0) inodes.set(directory, 'firstChild', entry);
    else names.link(last, names.previous(last), entry);
    names.link(entry, last, 0);
    inodes.set(directory, 'lastChild', entry);
    if (format(inode) === S_IFDIR) inodes.set(inode, 'nameOf', entry);
    return entry;
  }

  /** Takes an entry out of its directory; the inode goes with its last name. */
  function detach(entry: number): void {
    const directory = names.directory(entry);
    const inode = names.inode(entry);
    const previous = names.previous(entry);
    const next = names.next(entry);
    if (previous === 0) inodes.set(directory, 'firstChild', next);
    else names.link(previous, names.previous(previous), next);
    if (next === 0) inodes.set(directory, 'lastChild', previous);
    else names.link(next, previous, names.next(next));
    names.delete(entry);
    const view = inodes.view(inode);
    const kind = format(inode);
    if (kind === S_IFDIR || kind === S_IFLNK) epoch++;
    const links = readLinks(view);
    if (kind !== S_IFDIR && links > 1) {
      writeLinks(view, links - 1);
      return;
    }
    options.release(inode);
    inodes.free(inode);
  }

  function removeTree(top: number): void {
    const stack = [top];
    for (let entry = stack.at(-1); entry !== undefined; entry = stack.at(-1)) {
      const inode = names.inode(entry);
      const child = format(inode) === S_IFDIR ? inodes.get(inode, 'firstChild') : 0;
      if (child !== 0) stack.push(child);
      else {
        detach(entry);
        stack.pop();
      }
    }
  }

  const isUpper = (entry: number): boolean => layer > 0 && names.layer(entry) === layer;

  function clearLower(directory: number): void {
    const directories = [directory];
    for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
      for (let entry = inodes.get(at, 'firstChild'); entry !== 0; ) {
        const next = names.next(entry);
        if (!isUpper(entry)) removeTree(entry);
        else if (format(names.inode(entry)) === S_IFDIR) directories.push(names.inode(entry));
        entry = next;
      }
    }
  }

  function parent(directory: number): number {
    return directory === ROOT_INODE ? ROOT_INODE : names.directory(inodes.get(directory, 'nameOf'));
  }

  function path(entry: number): BytePath {
    const parts: string[] = [];
    for (let at = entry; at !== 0; at = inodes.get(names.directory(at), 'nameOf')) {
      parts.push(names.name(at).toString('latin1'));
    }
    return parts.reverse().join('/');
  }

  return {
    inodes,
    names,
    beginLayer() {
      if (layer === LAST_LAYER) {
        throw new IgniteError('ext4/too-many-entries', `The image has more than ${LAST_LAYER} layers`);
      }
      layer++;
    },
    format,
    parent,
    attach,
    touch(entry) {
      for (let at = entry; at !== 0 && names.layer(at) !== layer; ) {
        names.setLayer(at, layer);
        at = inodes.get(names.directory(at), 'nameOf');
      }
    },
    removeTree,
    removeLower(entry) {
      if (!isUpper(entry)) removeTree(entry);
      else if (format(names.inode(entry)) === S_IFDIR) clearLower(names.inode(entry));
    },
    clearLower,
    firstChild: (directory) => inodes.get(directory, 'firstChild'),
    *children(directory) {
      for (let entry = inodes.get(directory, 'firstChild'); entry !== 0; entry = names.next(entry))
        yield entry;
    },
    path,
    epoch: () => epoch,
  };
}
