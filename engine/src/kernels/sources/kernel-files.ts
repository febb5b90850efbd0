// Writes the wanted entries of an archive with a kernel in it to a folder. Nothing of the archive is run or followed, and
// only plain files, and links of `boot/`, are written.
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { normalizeName, type TarEntry } from '@ignite/archive';
import { corrupt } from '../compression/index.ts';

/** All files of a kernel together; Debian's largest have about 1 GiB. */
const MAX_TOTAL = 8 * 1024 ** 3;
/** Names of modules and kernels are plain; anything else would be written to no good end. */
const PLAIN_NAME = /^[\w.+~,@=-]+(\/[\w.+~,@=-]+)*$/;
const LINK = /^boot\/[^/]+$/;

/**
 * Writes the files whose names (with `lib/` for `usr/lib/`) match `wanted` below `folder`, and then links of `boot/`, which
 * are never gone through while files are written.
 * @returns how many files were written
 * @throws IgniteError `kernels/corrupt`, or the archive's errors
 */
export async function writeKernelFiles(
  entries: AsyncIterable<TarEntry>,
  { folder, wanted, format }: { readonly folder: string; readonly wanted: RegExp; readonly format: string },
  signal: AbortSignal,
): Promise<number> {
  const made = new Set<string>();
  const links = new Map<string, string>();
  let files = 0;
  let total = 0;
  for await (const entry of entries) {
    signal.throwIfAborted();
    const name = normalizeName(entry.name).replace(/^usr\/lib\//, 'lib/');
    if (!wanted.test(name)) continue;
    if (entry.type === 'symlink' && LINK.test(name)) links.set(name, entry.linkName);
    if (entry.type !== 'file') continue;
    if (!PLAIN_NAME.test(name)) throw corrupt(format, `the file name ${JSON.stringify(name)}`);
    total += entry.size;
    if (total > MAX_TOTAL) throw corrupt(format, `more than ${MAX_TOTAL} bytes of files`);
    const target = join(folder, name);
    if (!made.has(dirname(target))) await mkdir(dirname(target), { recursive: true });
    made.add(dirname(target));
    await writeFile(target, entry.content, { mode: 0o644, signal });
    files += 1;
  }
  await writeLinks(links, folder);
  return files;
}

async function writeLinks(links: ReadonlyMap<string, string>, folder: string): Promise<void> {
  for (const [name, target] of links) {
    if (!PLAIN_NAME.test(name) || target.includes('\0')) continue;
    await mkdir(join(folder, 'boot'), { recursive: true });
    await rm(join(folder, name), { force: true });
    await symlink(Buffer.from(target, 'latin1'), join(folder, name));
  }
}
