// The kernel that this host runs, copied into a folder laid out as a kernel image: the worker may not read the host's own.
import { chmod, constants, copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { hasErrno } from '../../host/index.ts';

/** The host whose kernel is taken. */
export interface KernelHost {
  /** `/` */
  readonly root: string;
  /** `uname -r` */
  readonly release: string;
}

/**
 * Copies kernel, configuration and modules below `target`, which is made, readable to everybody.
 * @returns the kernel's path below `target`
 * @throws IgniteError `kernels/not-found`
 */
export async function copyHostKernel({ root, release }: KernelHost, target: string): Promise<string> {
  const kernel = await findHostKernel(root, release);
  await copy(join(root, kernel), join(target, kernel));
  const config = `boot/config-${release}`;
  if (await isFile(join(root, config))) await copy(join(root, config), join(target, config));
  const folder = `lib/modules/${release}`;
  for (const name of await moduleFiles(join(root, folder)))
    await copy(join(root, folder, name), join(target, folder, name));
  return kernel;
}

/** Debian and its kin, then where Fedora and Arch keep it. */
async function findHostKernel(root: string, release: string): Promise<string> {
  const places = [`boot/vmlinuz-${release}`, `lib/modules/${release}/vmlinuz`, `boot/vmlinux-${release}`];
  for (const place of places) if (await isFile(join(root, place))) return place;
  const tried = places.map((place) => join(root, place)).join(', ');
  throw new IgniteError('kernels/not-found', `This host's kernel ${release} has no file here: ${tried}`);
}

/** Modules and the lists of the kernel's build; links (`build`, `source`) are not followed. */
async function moduleFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\.ko(\.\w+)?$|^modules\.(builtin|order)/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

async function copy(from: string, to: string): Promise<void> {
  const made = await mkdir(dirname(to), { recursive: true });
  if (made !== undefined) await openFolders(made, dirname(to));
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o644);
}

/** Our umask closes what is made: from the first new folder down to the last. */
async function openFolders(first: string, last: string): Promise<void> {
  for (let folder = last; folder.length >= first.length; folder = dirname(folder)) await chmod(folder, 0o755);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
