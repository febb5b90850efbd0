// The kernel of the tests: the distribution's own, through apt the first time, then from its package in the cache.
import { copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultKernelPackage } from '../../../engine/src/kernels/index.ts';
import { igniteOk } from './ignite.ts';
import { CACHE, type Place } from './place.ts';
import { runProgram } from './program.ts';

/** Debian's; Ubuntu's where that is the host. */
const DEBIAN = 'linux-image-cloud-amd64';
const IMPORT_MS = 10 * 60_000;

/** Imports a kernel; VMs that name none boot it. */
export async function prepareKernel(place: Place): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const cached = (await readdir(CACHE)).find((name) => name.endsWith('.deb'));
  if (cached !== undefined) {
    await igniteOk(['kernel', 'import', join(CACHE, cached)], { timeoutMs: IMPORT_MS });
    return;
  }
  const debian = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const name = defaultKernelPackage(await readFile('/etc/os-release', 'utf8'), debian) ?? DEBIAN;
  await igniteOk(['kernel', 'import', `apt:${name}`], { timeoutMs: IMPORT_MS });
  if (name.startsWith('linux-image-cloud-')) await cachePackage(place.scratch); // others keep modules elsewhere
}

/** Fetches the package itself for the next runs; where apt has no lists, each run imports through apt. */
async function cachePackage(scratch: string): Promise<void> {
  const release = (await igniteOk(['kernels', '--format', '{{.Version}}'])).split('\n')[0] ?? '';
  await runProgram(['apt-get', 'download', '-qq', `linux-image-${release}`], { cwd: scratch });
  const fetched = (await readdir(scratch)).find((name) => name.endsWith('.deb'));
  if (fetched === undefined) return;
  const part = join(CACHE, `${fetched}.part`); // the scratch may be on another file system
  await copyFile(join(scratch, fetched), part);
  await rename(part, join(CACHE, fetched));
}
