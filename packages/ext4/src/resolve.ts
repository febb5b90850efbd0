// From a path to a place in the tree. Symbolic links among the parents are followed inside the image's root: an
// absolute target starts there, `..` stops there (as filepath-securejoin, which umoci and Docker use).
import type { BytePath } from './entry.ts';
import { entryError } from './errors.ts';
import { ROOT_INODE, S_IFDIR, S_IFLNK } from './layout.ts';
import { nameBytes, pathParts } from './path-parts.ts';
import type { Tree } from './tree.ts';

/** A directory and a name in it; `entry` is 0 if there is nothing of that name. */
export interface Place {
  readonly directory: number;
  readonly name: Buffer;
  readonly entry: number;
}

/** What a path led to. */
export interface Found {
  readonly inode: number;
  /** The name it was found under, of several; 0 for the root. */
  readonly entry: number;
}

export interface Resolver {
  /** The place of a path that is not the root; missing parents are made. Errors: ext4/root and those of `find`. */
  place(path: BytePath): Place;
  /** What is at a path; undefined if there is nothing. Errors: ext4/bad-path, ext4/link-loop. */
  find(path: BytePath, followLast: boolean): Found | undefined;
  /** The entry at a path that is not the root, its last part not followed; 0 if there is none. */
  findEntry(path: BytePath): number;
}

export interface ResolverOptions {
  readonly tree: Tree;
  readonly makeDirectory: (directory: number, name: Buffer) => number;
  /** Target of a symlink's inode. */
  readonly target: (inode: number) => string;
}

/** As filepath-securejoin. */
const MOST_LINKS = 255;

interface Walk {
  /** Parts still to go, the next one last. */
  readonly pending: string[];
  /** Names that do not exist below `current`. */
  readonly missing: string[];
  current: number;
  /** Entry of what the last part names, if it is no directory. */
  end: number | undefined;
  links: number;
}

/** A resolver over a tree; remembers the parent of the last place, as archives list directory by directory. */
export function createResolver(options: ResolverOptions): Resolver {
  const { tree } = options;
  let lastParent = '';
  let lastDirectory = ROOT_INODE;
  let lastEpoch = 0;

  function goUp(walk: Walk): void {
    if (walk.missing.pop() === undefined) walk.current = tree.parent(walk.current);
  }

  function followLink(walk: Walk, inode: number, path: BytePath): void {
    walk.links++;
    if (walk.links > MOST_LINKS)
      throw entryError('ext4/link-loop', path, 'its parents are a loop of symbolic links');
    const target = options.target(inode);
    if (target.startsWith('/')) walk.current = ROOT_INODE;
    walk.pending.push(...target.split('/').reverse());
  }

  /** One step; false where something that is no directory stands in the way. */
  function step(walk: Walk, part: string, path: BytePath): boolean {
    if (part === '' || part === '.') return true;
    if (walk.end !== undefined) return false;
    if (part === '..') {
      goUp(walk);
      return true;
    }
    const name = nameBytes(part, path);
    const entry = walk.missing.length > 0 ? 0 : tree.names.find(walk.current, name);
    if (entry === 0) {
      walk.missing.push(part);
      return true;
    }
    const inode = tree.names.inode(entry);
    const format = tree.format(inode);
    if (format === S_IFLNK) followLink(walk, inode, path);
    else if (format === S_IFDIR) walk.current = inode;
    else walk.end = entry;
    return true;
  }

  function walkTo(parts: readonly string[], path: BytePath): Walk | undefined {
    const walk: Walk = {
      pending: parts.toReversed(),
      missing: [],
      current: ROOT_INODE,
      end: undefined,
      links: 0,
    };
    for (let part = walk.pending.pop(); part !== undefined; part = walk.pending.pop()) {
      if (!step(walk, part, path)) return undefined;
    }
    return walk;
  }

  /** The directory named by the parts, made where it is missing. */
  function makeParents(parts: readonly string[], path: BytePath): number {
    const walk = walkTo(parts, path);
    if (walk === undefined || walk.end !== undefined)
      throw entryError('ext4/parent-not-directory', path, 'a parent is not a directory');
    let directory = walk.current;
    for (const part of walk.missing) directory = options.makeDirectory(directory, nameBytes(part, path));
    return directory;
  }

  function place(path: BytePath): Place {
    const slash = path.lastIndexOf('/');
    const base = path.slice(slash + 1);
    const parent = slash < 0 ? '' : path.slice(0, slash);
    const plain = base !== '' && base !== '.' && base !== '..' && path.length < 4096;
    if (plain && parent === lastParent && tree.epoch() === lastEpoch) {
      const name = nameBytes(base, path);
      return { directory: lastDirectory, name, entry: tree.names.find(lastDirectory, name) };
    }
    const parts = pathParts(path);
    const last = parts.pop();
    if (last === undefined) throw entryError('ext4/root', path, 'the root can only be a directory');
    const name = nameBytes(last, path);
    const directory = makeParents(parts, path);
    if (plain) {
      lastParent = parent;
      lastDirectory = directory;
      lastEpoch = tree.epoch();
    }
    return { directory, name, entry: tree.names.find(directory, name) };
  }

  function findEntry(path: BytePath): number {
    const parts = pathParts(path);
    const last = parts.pop();
    if (last === undefined) return 0;
    const walk = walkTo(parts, path);
    if (walk === undefined || walk.end !== undefined || walk.missing.length > 0) return 0;
    return tree.names.find(walk.current, nameBytes(last, path));
  }

  const found = (entry: number): Found => ({ inode: tree.names.inode(entry), entry });
  const foundDirectory = (inode: number): Found => ({ inode, entry: tree.inodes.get(inode, 'nameOf') });

  function find(path: BytePath, followLast: boolean): Found | undefined {
    if (!followLast) {
      if (pathParts(path).length === 0) return foundDirectory(ROOT_INODE);
      const entry = findEntry(path);
      return entry === 0 ? undefined : found(entry);
    }
    const walk = walkTo(pathParts(path), path);
    if (walk === undefined || walk.missing.length > 0) return undefined;
    return walk.end === undefined ? foundDirectory(walk.current) : found(walk.end);
  }

  return { place, find, findEntry };
}
