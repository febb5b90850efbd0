// From a folder laid out as a kernel image to a kernel in the store: the one way in, whatever the source was.
import { createHash } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { readFeatures } from './features.ts';
import type { KernelFile } from './kernel-file.ts';
import { buildBootArchive, type ModuleTree, readModuleTree, writeModulesDrive } from './modules/index.ts';
import { findKernelFile, findModulesFolder, readConfigFile } from './sources/kernel-tree.ts';
import { KERNEL_FILES, type KernelNames, type KernelStore } from './store.ts';
import { readKernel } from './vmlinux.ts';

export interface TreeInput {
  /** Folder with `boot/` and `lib/modules/`. */
  readonly root: string;
  /** The kernel file, where it is known; default: found in `boot/`. */
  readonly kernelFile?: string;
  /** The name it is stored under, and further ones it answers to. */
  readonly names: KernelNames;
  /** Folder for unpacked modules; the caller removes it. */
  readonly scratch: string;
  readonly architecture: string;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** @throws IgniteError of the room `kernels` */
export async function importTree(store: KernelStore, input: TreeInput): Promise<KernelFile> {
  const { root, names, signal } = input;
  const { reference } = names;
  const path = input.kernelFile ?? (await findKernelFile(root, reference));
  const binary = readKernel(
    await readFile(path),
    input.kernelFile === undefined ? reference : basename(path),
  );
  if (binary.architecture !== input.architecture) throw wrongArchitecture(input, binary.architecture);
  const digest = createHash('sha256').update(binary.bytes).digest('hex');
  const config = await readConfigFile(root, binary.version);
  const features = readFeatures(binary.bytes, config, binary.pvh);
  const modulesFolder = await findModulesFolder(root, binary.version);
  const tree =
    modulesFolder === undefined ? undefined : await readModuleTree(modulesFolder, input.scratch, signal);
  const uid = kernelUid(digest, tree);
  if ((await store.list()).some((kernel) => kernel.uid === uid)) {
    return await store.addNames(uid, names);
  }

  const temporary = await store.makeTemporary();
  await using _ = { [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true }) };
  const written = await writeKernelFiles(temporary, binary.bytes, tree, binary.version, signal);
  const kernel: KernelFile = {
    format: 1,
    uid,
    references: [],
    aliases: [],
    digest: `sha256:${digest}`,
    version: binary.version,
    created: input.now.toISOString(),
    architecture: binary.architecture,
    features,
    ...written,
  };
  return await store.keep(temporary, kernel, names);
}

/** The same kernel with other modules is another kernel to a VM. */
function kernelUid(digest: string, tree: ModuleTree | undefined): string {
  return createHash('sha256')
    .update(`${digest}\n${tree?.digest ?? ''}`)
    .digest('hex')
    .slice(0, 16);
}

async function writeKernelFiles(
  folder: string,
  vmlinux: Buffer,
  tree: ModuleTree | undefined,
  version: string,
  signal: AbortSignal,
): Promise<Pick<KernelFile, 'modulesCpio' | 'modulesDrive' | 'size'>> {
  await writeSynced(join(folder, KERNEL_FILES.vmlinux), vmlinux);
  if (tree === undefined) return { modulesCpio: false, modulesDrive: false, size: vmlinux.length };
  const cpio = await buildBootArchive(tree);
  if (cpio !== undefined) await writeSynced(join(folder, KERNEL_FILES.modulesCpio), cpio);
  const drive = join(folder, KERNEL_FILES.modulesDrive);
  await writeModulesDrive(tree, version, drive, signal);
  const driveBytes = (await stat(drive)).blocks * 512;
  return {
    modulesCpio: cpio !== undefined,
    modulesDrive: true,
    size: vmlinux.length + (cpio?.length ?? 0) + driveBytes,
  };
}

/** Immutable from now on: mode 0444. */
async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  await using file = await open(path, 'wx', 0o444);
  await file.writeFile(bytes);
  await file.chmod(0o444); // opened by VMMs under other uids, whatever our umask
  await file.sync();
}

function wrongArchitecture(input: TreeInput, architecture: string): IgniteError {
  return new IgniteError(
    'kernels/wrong-architecture',
    `The kernel ${input.names.reference} is for ${architecture}, this host is ${input.architecture}`,
    { details: { reference: input.names.reference, architecture, host: input.architecture } },
  );
}
