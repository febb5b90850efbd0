// The writer's door: every operation resolves its path, makes room, and puts a new inode there.
import type { BytePath, EntryMeta, Ext4Options, Ext4Writer } from './entry.ts';
import { entryError } from './errors.ts';
import { createContentWriter } from './file-content.ts';
import { finishImage } from './finish.ts';
import { createImageState, targetOf } from './image-state.ts';
import { readLinks, writeLinks, writeMeta } from './inode-record.ts';
import { BLOCK_SIZE, ROOT_INODE, S_IFDIR, S_IFIFO, S_IFSOCK } from './layout.ts';
import { applyMeta, checkMeta, newDevice, newFile, newInode, newSymlink } from './make-inode.ts';
import { pathParts } from './path-parts.ts';
import { listDirectory, readFile, statNode } from './queries.ts';
import { createResolver, type Place } from './resolve.ts';

const LARGEST_FILE = (2 ** 32 - 1) * BLOCK_SIZE;
/** EXT4_LINK_MAX. */
const MOST_LINKS = 65_000;

/** A writer for a new image; see Ext4Writer. Errors are ext4/… and name the entry; what the sink throws passes through. */
export function createExt4Writer(options: Ext4Options): Ext4Writer {
  const state = createImageState(options);
  const { tree, allocator, output } = state;
  const contents = createContentWriter(allocator, output);
  const implied: EntryMeta = { mode: 0o755, uid: 0, gid: 0, mtime: state.made };
  const resolver = createResolver({ tree, makeDirectory, target: (inode) => targetOf(state, inode) });
  writeMeta(tree.inodes.view(ROOT_INODE), S_IFDIR, implied, state.made);

  function makeDirectory(directory: number, name: Buffer): number {
    const inode = tree.inodes.allocate();
    writeMeta(tree.inodes.view(inode), S_IFDIR, implied, state.made);
    tree.touch(tree.attach(directory, name, inode));
    return inode;
  }

  /** The place of a new entry, with nothing there. */
  function cleared(path: BytePath): Place {
    const place = resolver.place(path);
    if (place.entry !== 0) tree.removeTree(place.entry);
    return place;
  }

  function put(place: Place, inode: number): void {
    tree.touch(tree.attach(place.directory, place.name, inode));
  }

  async function directory(path: BytePath, meta: EntryMeta): Promise<void> {
    checkMeta(path, meta);
    if (pathParts(path).length === 0) return applyMeta(state, ROOT_INODE, S_IFDIR, path, meta);
    const place = resolver.place(path);
    if (place.entry !== 0) {
      const inode = tree.names.inode(place.entry);
      if (tree.format(inode) === S_IFDIR) {
        tree.touch(place.entry);
        return applyMeta(state, inode, S_IFDIR, path, meta);
      }
      tree.removeTree(place.entry);
    }
    const { inode } = await newInode(state, S_IFDIR, path, meta);
    put(place, inode);
  }

  async function file(
    path: BytePath,
    meta: EntryMeta,
    size: number,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    checkMeta(path, meta);
    if (!Number.isSafeInteger(size) || size < 0 || size > LARGEST_FILE) {
      throw entryError('ext4/entry-invalid', path, `a file of ${size} bytes`);
    }
    const place = cleared(path);
    const extents = await contents.write(path, size, content);
    put(place, await newFile(state, path, meta, size, extents));
  }

  async function special(path: BytePath, meta: EntryMeta, format: number): Promise<void> {
    const place = cleared(path);
    const { inode } = await newInode(state, format, path, meta);
    put(place, inode);
  }

  async function hardlink(path: BytePath, target: BytePath): Promise<void> {
    const entry = resolver.findEntry(target);
    const inode = entry === 0 ? 0 : tree.names.inode(entry);
    if (inode === 0)
      throw entryError('ext4/link-target-missing', path, 'the target of the hard link is missing');
    if (tree.format(inode) === S_IFDIR) {
      throw entryError('ext4/link-target-missing', path, 'the target of the hard link is a directory');
    }
    const place = resolver.place(path);
    if (place.entry === entry) return tree.touch(entry);
    const view = tree.inodes.view(inode);
    const links = readLinks(view) + 1;
    if (links > MOST_LINKS)
      throw entryError('ext4/entry-invalid', path, 'its file has more than 65,000 names');
    writeLinks(view, links);
    if (place.entry !== 0) tree.removeTree(place.entry);
    put(place, inode);
  }

  return {
    beginLayer: tree.beginLayer,
    directory,
    file,
    async symlink(path, meta, target) {
      const place = cleared(path);
      put(place, await newSymlink(state, path, meta, target));
    },
    hardlink,
    async device(path, meta, kind, major, minor) {
      const place = cleared(path);
      put(place, await newDevice(state, path, meta, kind, major, minor));
    },
    fifo: (path, meta) => special(path, meta, S_IFIFO),
    socket: (path, meta) => special(path, meta, S_IFSOCK),
    async remove(path) {
      if (pathParts(path).length === 0) throw entryError('ext4/root', path, 'the root cannot be removed');
      if (/(?:^|\/)\.\.?$/.test(path)) throw entryError('ext4/bad-path', path, 'a whiteout of no name');
      const entry = resolver.findEntry(path);
      if (entry !== 0) tree.removeLower(entry);
      return entry !== 0;
    },
    async clear(path) {
      const inode = resolver.find(path, true)?.inode;
      if (inode !== undefined && tree.format(inode) === S_IFDIR) tree.clearLower(inode);
    },
    stat: (path, { follow }) => statNode(state, resolver, path, follow),
    list: (path) => listDirectory(state, resolver, path),
    readFile: (path, maximumBytes) => readFile(state, resolver, path, maximumBytes),
    finish: (finishOptions = {}) => finishImage(state, finishOptions),
  };
}
