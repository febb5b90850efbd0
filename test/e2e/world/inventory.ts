// What a folder holds, in a form that can be compared: names, kinds, rights, contents, targets of links.
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** One line an entry, sorted. */
export async function inventory(root: string): Promise<readonly string[]> {
  const names = await readdir(root, { recursive: true, withFileTypes: true });
  const lines = names.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const { mode } = await lstat(path);
    const rights = entry.isSymbolicLink() ? 'link' : (mode & 0o7777).toString(8);
    return `${relative(root, path)} ${rights} ${await contentOf(path, entry)}`;
  });
  return (await Promise.all(lines)).toSorted();
}

async function contentOf(
  path: string,
  entry: { isFile(): boolean; isSymbolicLink(): boolean },
): Promise<string> {
  if (entry.isSymbolicLink()) return `-> ${await readlink(path)}`;
  if (!entry.isFile()) return 'folder';
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
