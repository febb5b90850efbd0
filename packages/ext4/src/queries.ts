// Questions about the tree while the image is being made.
import type { BytePath, NodeInfo, NodeType } from './entry.ts';
import { extentsOf, type ImageState, targetOf } from './image-state.ts';
import { readGid, readLinks, readMode, readSize, readUid } from './inode-record.ts';
import {
  BLOCK_SIZE,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from './layout.ts';
import type { Resolver } from './resolve.ts';

const TYPES: Readonly<Record<number, NodeType>> = {
  [S_IFREG]: 'file',
  [S_IFDIR]: 'directory',
  [S_IFLNK]: 'symlink',
  [S_IFCHR]: 'character',
  [S_IFBLK]: 'block',
  [S_IFIFO]: 'fifo',
  [S_IFSOCK]: 'socket',
};

function countLinks(state: ImageState, inode: number): number {
  const { tree } = state;
  if (tree.format(inode) !== S_IFDIR) return readLinks(tree.inodes.view(inode));
  let links = 2;
  for (const entry of tree.children(inode)) if (tree.format(tree.names.inode(entry)) === S_IFDIR) links++;
  return links;
}

/** See Ext4Writer.stat. */
export function statNode(
  state: ImageState,
  resolver: Resolver,
  path: BytePath,
  follow: boolean,
): NodeInfo | undefined {
  const found = resolver.find(path, follow);
  if (found === undefined) return undefined;
  const { inode, entry } = found;
  const view = state.tree.inodes.view(inode);
  const mode = readMode(view);
  const type = TYPES[mode & S_IFMT] ?? 'file';
  return {
    path: state.tree.path(entry),
    type,
    mode: mode & 0o7777,
    uid: readUid(view),
    gid: readGid(view),
    size: readSize(view),
    links: countLinks(state, inode),
    inode,
    target: type === 'symlink' ? targetOf(state, inode) : '',
  };
}

/** See Ext4Writer.list. */
export function listDirectory(
  state: ImageState,
  resolver: Resolver,
  path: BytePath,
): readonly string[] | undefined {
  const { tree } = state;
  const inode = resolver.find(path, true)?.inode;
  if (inode === undefined || tree.format(inode) !== S_IFDIR) return undefined;
  return Array.from(tree.children(inode), (entry) => tree.names.name(entry).toString('latin1')).sort();
}

/** See Ext4Writer.readFile. */
export async function readFile(
  state: ImageState,
  resolver: Resolver,
  path: BytePath,
  maximumBytes: number,
): Promise<Buffer | undefined> {
  const inode = resolver.find(path, true)?.inode;
  if (inode === undefined || state.tree.format(inode) !== S_IFREG) return undefined;
  const size = readSize(state.tree.inodes.view(inode));
  if (size > maximumBytes) return undefined;
  const content = Buffer.alloc(Math.ceil(size / BLOCK_SIZE) * BLOCK_SIZE);
  const extents = extentsOf(state, inode);
  for (let at = 0; at < extents.length; at += 3) {
    const start = (extents[at] ?? 0) * BLOCK_SIZE;
    const bytes = (extents[at + 2] ?? 0) * BLOCK_SIZE;
    await state.output.get(extents[at + 1] ?? 0, content.subarray(start, start + bytes));
  }
  return content.subarray(0, size);
}
