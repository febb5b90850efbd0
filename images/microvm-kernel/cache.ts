// Where built kernels are kept: one folder for each configuration and source, `boot/` and `lib/modules/` in it.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const CONFIG_FILE = join(import.meta.dirname, 'config');
const CACHE = join(import.meta.dirname, '../../.cache/microvm-kernel');

/** The folder of a kernel of today's configuration, built or not. @param version of the source package */
export async function cacheFolder(version: string): Promise<string> {
  return join(CACHE, `${await configDigest()}-${version.replace(/[^\w.+~-]/g, '_')}`);
}

/** The newest kernel that is built with today's configuration; undefined where `make kernel` has not been run. */
export async function cachedKernel(): Promise<string | undefined> {
  const digest = await configDigest();
  const names = await readdir(CACHE).catch(() => []); // nothing was built yet
  const built = names.filter((name) => name.startsWith(`${digest}-`) && !name.endsWith('.work'));
  const name = built.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return name === undefined ? undefined : join(CACHE, name);
}

async function configDigest(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(CONFIG_FILE))
    .digest('hex')
    .slice(0, 12);
}
