// Whether the host's kernel supports Landlock, by which a process gives up access to files, as far as can be seen.
import { readFile } from 'node:fs/promises';
import { release as kernelRelease } from 'node:os';

/** ABI 3 (truncate) came with this release of the kernel (landlock(7)). */
const ABI_3 = { major: 6, minor: 2 };

/** True where Landlock runs with ABI 3 or newer; false where that cannot be seen. */
export async function hasLandlock(
  release = kernelRelease(),
  modules = '/sys/kernel/security/lsm',
): Promise<boolean> {
  const [, major = 0, minor = 0] = (/^(\d+)\.(\d+)/.exec(release) ?? []).map(Number);
  if (major < ABI_3.major || (major === ABI_3.major && minor < ABI_3.minor)) return false;
  const text = await readFile(modules, 'utf8').catch(() => '');
  return text.trim().split(',').includes('landlock');
}
