// Finds the kernel, its configuration and its modules in a folder laid out as a kernel image:
// `boot/vmlinux`, `boot/vmlinuz-VERSION`, `lib/modules/VERSION` (IMG-03 of the original).
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { IgniteError } from '@ignite/api';
import { hasErrno } from '../../host/index.ts';

const MAX_LINKS = 10;
const MAX_KERNEL_FILE = 1024 ** 3;

/**
 * The kernel file of a tree: `boot/vmlinux` (links resolved inside the root), else the newest `vmlinux-*`, else the
 * newest `vmlinuz-*`, or `Image` (arm64).
 * @returns its absolute path
 * @throws IgniteError `kernels/no-vmlinux`
 */
export async function findKernelFile(root: string, name: string): Promise<string> {
  const names = await list(join(root, 'boot'));
  const newest = (prefix: string) =>
    names
      .filter((each) => each.startsWith(prefix))
      .toSorted(compareVersions)
      .at(-1);
  const candidates = ['vmlinux', newest('vmlinux-'), newest('vmlinuz-'), 'vmlinuz', 'Image'];
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    const path = await resolveInside(root, `boot/${candidate}`);
    if (path !== undefined) return path;
  }
  throw new IgniteError('kernels/no-vmlinux', `${name} has no /boot/vmlinux`, { stage: 'kernel' });
}

/** `lib/modules/VERSION` or `usr/lib/modules/VERSION`; undefined where the tree has no modules of that version. */
export async function findModulesFolder(root: string, version: string): Promise<string | undefined> {
  for (const parent of ['lib/modules', 'usr/lib/modules']) {
    const path = join(root, parent, version);
    if (await isKind(path, 'directory')) return path;
  }
  return undefined;
}

/** The text of `boot/config-VERSION`, if it is there. */
export async function readConfigFile(root: string, version: string): Promise<string | undefined> {
  const path = await resolveInside(root, `boot/config-${version}`);
  return path === undefined ? undefined : await readFile(path, 'utf8');
}

/** Follows symlinks lexically below the root, never outside; undefined unless it ends at a plain file. */
async function resolveInside(root: string, start: string): Promise<string | undefined> {
  let path = start;
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const stats = await lstatOptional(join(root, path));
    if (stats === undefined) return undefined;
    if (stats.isFile()) return stats.size <= MAX_KERNEL_FILE ? join(root, path) : undefined;
    if (!stats.isSymbolicLink()) return undefined;
    const target = await readlink(join(root, path));
    // as in a chroot: an absolute target begins at the root, and `..` stops there
    path = posix.resolve('/', posix.dirname(path), target).slice(1);
  }
  return undefined;
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

async function isKind(path: string, kind: 'directory'): Promise<boolean> {
  const stats = await lstatOptional(path);
  return kind === 'directory' && stats !== undefined && stats.isDirectory();
}

async function lstatOptional(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Numbers inside names compare as numbers: 6.1.0-9 is before 6.1.0-56. */
function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
