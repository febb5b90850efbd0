// The files of a kernel image as tar entries: an uncompressed /boot/vmlinux, its configuration, and /lib/modules with the
// indexes of depmod. Both kernel images are made of these.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byteString, type TarInput } from '@ignite/archive';
import {
  findKernelFile,
  findModulesFolder,
  makeModuleIndexes,
  type ModuleTree,
  readKernel,
  readModuleTree,
} from '../../engine/src/kernels/index.ts';
import { EPOCH } from '../scratch.ts';

const mtime = { seconds: EPOCH, nanoseconds: 0 };

/**
 * All entries of the image of a kernel.
 * @param root folder with `boot/` and `lib/modules/`
 * @param scratch folder for unpacked modules
 * @param name of the kernel, for errors
 */
export async function* kernelEntries(
  root: string,
  scratch: string,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<TarInput, void> {
  const kernel = readKernel(await readFile(await findKernelFile(root, name)), name);
  yield* bootEntries(root, kernel.version, kernel.bytes);
  const folder = await findModulesFolder(root, kernel.version);
  if (folder === undefined) return;
  yield* moduleEntries(kernel.version, await readModuleTree(folder, join(scratch, 'modules'), signal));
}

function directory(name: string): TarInput {
  return { type: 'directory', name: byteString(name), mode: 0o755, mtime };
}

function file(name: string, content: Buffer): TarInput {
  const size = content.length;
  return { type: 'file', name: byteString(name), mode: 0o644, size, mtime, content: [content] };
}

async function* bootEntries(root: string, version: string, vmlinux: Buffer): AsyncGenerator<TarInput, void> {
  yield directory('boot');
  yield file(`boot/vmlinux-${version}`, vmlinux);
  yield { type: 'symlink', name: 'boot/vmlinux', linkName: `vmlinux-${version}`, mode: 0o777, mtime };
  const names = await readdir(join(root, 'boot'));
  for (const name of names.filter((each) => each.startsWith('config-'))) {
    yield file(`boot/${name}`, await readFile(join(root, 'boot', name)));
  }
}

async function* moduleEntries(version: string, tree: ModuleTree): AsyncGenerator<TarInput, void> {
  const base = `lib/modules/${version}`;
  for (const name of ['lib', 'lib/modules', base]) yield directory(name);
  for (const [name, content] of [...tree.lists, ...makeModuleIndexes(tree)])
    yield file(`${base}/${name}`, content);
  const made = new Set<string>();
  for (const module of tree.modules) {
    const parts = module.path.split('/').slice(0, -1);
    for (const [index] of parts.entries()) {
      const folder = parts.slice(0, index + 1).join('/');
      if (!made.has(folder)) yield directory(`${base}/${folder}`);
      made.add(folder);
    }
    yield file(`${base}/${module.path}`, await readFile(module.file));
  }
}
