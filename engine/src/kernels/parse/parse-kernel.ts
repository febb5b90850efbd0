// From the files of a kernel to what a VM boots: the one way in, whatever the source was. Runs in the worker.
import { ftruncate } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { IgniteError } from '@ignite/api';
import { descriptorSink } from '../../worker/descriptor-sink.ts';
import type { KernelJob, ParsedKernel } from '../../worker/messages.ts';
import { readFeatures } from '../features.ts';
import { buildBootArchive, type ModuleTree, readModuleTree, writeModulesDrive } from '../modules/index.ts';
import { findKernelFile, findModulesFolder, readConfigFile } from '../sources/kernel-tree.ts';
import { readKernel } from '../vmlinux.ts';
import { unpackInput } from './unpack-input.ts';

const truncate = promisify(ftruncate);

/** Whoever gives the work up ends the process. */
const signal = new AbortController().signal;

/**
 * Reads the kernel of a job and writes its files.
 * @param descriptors open for writing: vmlinux, boot modules, modules drive; open for reading: the job's files
 * @throws IgniteError of the room `kernels`
 */
export async function parseKernel(job: KernelJob, descriptors: readonly number[]): Promise<ParsedKernel> {
  const [vmlinux = -1, cpio = -1, drive = -1, ...files] = descriptors;
  const root = join(job.folder, 'root');
  for (const file of files) await unpackInput(file, root, job.name, signal);
  const path =
    job.kernelFile === undefined ? await findKernelFile(root, job.name) : join(root, job.kernelFile);
  const name = job.kernelFile === undefined ? job.name : basename(path);
  const binary = readKernel(await readFile(path), name);
  if (binary.architecture !== job.architecture) throw wrongArchitecture(job, binary.architecture);
  const config = await readConfigFile(root, binary.version);
  const folder = await findModulesFolder(root, binary.version);
  const tree =
    folder === undefined ? undefined : await readModuleTree(folder, join(job.folder, 'modules'), signal);
  await descriptorSink(vmlinux).write(binary.bytes, 0);
  return {
    version: binary.version,
    architecture: binary.architecture,
    features: readFeatures(binary.bytes, config, binary.pvh),
    modulesCpio: tree !== undefined && (await writeBootArchive(tree, cpio)),
    modulesDrive: tree !== undefined && (await writeDrive(tree, binary.version, drive)),
  };
}

/** Whether there was anything to write: nothing is where all that a boot needs is built in. */
async function writeBootArchive(tree: ModuleTree, descriptor: number): Promise<boolean> {
  const archive = await buildBootArchive(tree);
  if (archive !== undefined) await descriptorSink(descriptor).write(archive, 0);
  return archive !== undefined;
}

async function writeDrive(tree: ModuleTree, version: string, descriptor: number): Promise<true> {
  await truncate(descriptor, await writeModulesDrive(tree, version, descriptorSink(descriptor), signal));
  return true;
}

function wrongArchitecture(job: KernelJob, architecture: string): IgniteError {
  return new IgniteError(
    'kernels/wrong-architecture',
    `The kernel ${job.name} is for ${architecture}, this host is ${job.architecture}`,
    { details: { reference: job.name, architecture, host: job.architecture } },
  );
}
