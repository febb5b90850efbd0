// Makes the kernel image, build/images/ignite-kernel.tar, from the distribution's kernel package for VMs: an
// uncompressed /boot/vmlinux, its configuration, and /lib/modules with the indexes of depmod.
// Usage: node images/kernel/build.ts [PACKAGE]
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byteString, type TarInput } from '@ignite/archive';
import { writeOciLayout } from '../../engine/src/imagemake/index.ts';
import {
  defaultKernelPackage,
  downloadKernel,
  findKernelFile,
  findModulesFolder,
  makeModuleIndexes,
  type ModuleTree,
  readKernel,
  readModuleTree,
  unpackKernelDeb,
} from '../../engine/src/kernels/index.ts';
import { ARCHITECTURE, EPOCH, OS_RELEASE, saveArchive, withScratch } from '../scratch.ts';

const wanted =
  process.argv[2] ?? defaultKernelPackage(OS_RELEASE, ARCHITECTURE) ?? `linux-image-cloud-${ARCHITECTURE}`;
const mtime = { seconds: EPOCH, nanoseconds: 0 };

function directory(name: string): TarInput {
  return { type: 'directory', name: byteString(name), mode: 0o755, mtime };
}

function file(name: string, content: Buffer): TarInput {
  return {
    type: 'file',
    name: byteString(name),
    mode: 0o644,
    size: content.length,
    mtime,
    content: [content],
  };
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

async function* allEntries(
  root: string,
  scratch: string,
  signal: AbortSignal,
): AsyncGenerator<TarInput, void> {
  const kernel = readKernel(await readFile(await findKernelFile(root, wanted)), wanted);
  yield* bootEntries(root, kernel.version, kernel.bytes);
  const folder = await findModulesFolder(root, kernel.version);
  if (folder === undefined) return;
  yield* moduleEntries(kernel.version, await readModuleTree(folder, join(scratch, 'modules'), signal));
}

await withScratch(async (scratch, apt) => {
  const root = join(scratch, 'root');
  const download = await downloadKernel(wanted, apt);
  for (const deb of download.files) await unpackKernelDeb(await readFile(deb), root, apt.signal);
  const version = download.kernelPackage.replace(/^linux-image-(unsigned-)?/, '');
  const layout = join(scratch, 'layout');
  await writeOciLayout(
    {
      folder: layout,
      reference: `ignite-kernel:${version}`,
      architecture: ARCHITECTURE,
      entries: allEntries(root, scratch, apt.signal),
      compression: 'gzip',
      config: {
        Labels: {
          'org.opencontainers.image.title': download.kernelPackage,
          'org.opencontainers.image.version': download.version,
        },
      },
      created: EPOCH,
      createdBy: `images/kernel (${download.kernelPackage} ${download.version})`,
    },
    apt.signal,
  );
  await saveArchive(layout, 'ignite-kernel');
});
