// One file of an import, whatever it is, brought into the form of a folder with `boot/` and `lib/modules/`.
import { fstat, readFile } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { corrupt } from '../compression/index.ts';
import { isDeb, unpackKernelDeb } from '../sources/deb.ts';
import { isTar, unpackKernelTar } from '../sources/tar.ts';

const statOf = promisify(fstat);
const readAll = promisify(readFile);
/** Debian's largest kernel packages have 1 GiB unpacked; Node reads files up to 2 GiB. */
export const MAX_FILE = 2 ** 31 - 1;

/** Puts a package, a tar of a folder, or a kernel below `root`. @throws IgniteError `kernels/corrupt`, … */
export async function unpackInput(
  descriptor: number,
  root: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const { size } = await statOf(descriptor);
  if (size > MAX_FILE) throw corrupt(name, `it has ${size} bytes`);
  const bytes = await readAll(descriptor);
  if (isDeb(bytes)) await unpackKernelDeb(bytes, root, signal);
  else if (isTar(bytes)) await unpackKernelTar([bytes], root, signal);
  else {
    await mkdir(join(root, 'boot'), { recursive: true });
    await writeFile(join(root, 'boot/vmlinux'), bytes);
  }
}
