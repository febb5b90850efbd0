// The sources of kernels, each brought into the form of a folder with `boot/` and `lib/modules/`.
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, open, readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IgniteError, type Report } from '@ignite/api';
import type { Clock, Commands } from '../host/index.ts';
import type { ImageRequest, Images } from '../images/port.ts';
import { importTree } from './import-tree.ts';
import type { KernelFile } from './kernel-file.ts';
import type { Scratch } from './scratch.ts';
import { downloadKernel } from './sources/apt-kernel.ts';
import { isDeb, unpackKernelDeb } from './sources/deb.ts';
import type { KernelNames, KernelStore } from './store.ts';

export const APT = 'apt:';
export const HOST = 'host:';

export interface ImporterPorts {
  readonly store: KernelStore;
  readonly makeScratch: () => Promise<Scratch>;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly images: Images;
  readonly architecture: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Work {
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** `apt:PACKAGE`, downloaded and unpacked, never installed; says what it did in one line. */
export async function importApt(ports: ImporterPorts, source: string, work: Work): Promise<KernelFile> {
  await using scratch = await ports.makeScratch();
  const asked = source.slice(APT.length);
  work.report({ kind: 'stage', name: 'kernel' });
  const download = await downloadKernel(asked, {
    commands: ports.commands,
    scratch: scratch.path,
    ...(ports.environment === undefined ? {} : { environment: ports.environment }),
    ...work,
  });
  const root = join(scratch.path, 'root');
  for (const file of download.files) await unpackKernelDeb(await readFile(file), root, work.signal);
  const reference = `${APT}${download.kernelPackage}`;
  const aliases = source === reference ? [] : [source];
  const kernel = await importFolder(ports, scratch, root, { reference, aliases }, work);
  work.report({
    kind: 'note',
    text: `Using the kernel of the package ${download.kernelPackage} ${download.version}, downloaded with apt (not installed)`,
  });
  return kernel;
}

/** An OCI image with `/boot/vmlinux`, or a bzImage, and optionally `/lib/modules`. */
export async function importImage(
  ports: ImporterPorts,
  reference: string,
  request: ImageRequest,
): Promise<KernelFile> {
  await using scratch = await ports.makeScratch();
  await using files = await ports.images.exportFiles(
    reference,
    ['boot', 'lib/modules', 'usr/lib/modules'],
    request,
  );
  return await importFolder(ports, scratch, files.path, { reference: files.reference, aliases: [] }, request);
}

/** A `.deb`, vmlinux or bzImage as bytes; its reference is the file's name. */
export async function importStream(
  ports: ImporterPorts,
  name: string,
  stream: AsyncIterable<Uint8Array>,
  work: Work,
): Promise<KernelFile> {
  await using scratch = await ports.makeScratch();
  const file = join(scratch.path, 'file');
  await pipeline(stream, createWriteStream(file, { mode: 0o600 }), { signal: work.signal });
  return await importFile(ports, scratch, file, basename(name), work);
}

/** A file, or a folder laid out as a kernel image, of this host. */
export async function importPath(ports: ImporterPorts, path: string, work: Work): Promise<KernelFile> {
  await using scratch = await ports.makeScratch();
  if ((await statPath(path)).isDirectory()) {
    return await importFolder(ports, scratch, path, { reference: basename(path), aliases: [] }, work);
  }
  return await importFile(ports, scratch, path, basename(path), work);
}

/** The kernel that this host runs, with its modules. */
export async function importHost(ports: ImporterPorts, work: Work): Promise<KernelFile> {
  await using scratch = await ports.makeScratch();
  const version = release();
  const reference = `${HOST}${version}`;
  const kernelFile = `/boot/vmlinuz-${version}`;
  await statPath(kernelFile);
  return await importFolder(ports, scratch, '/', { reference, aliases: [HOST] }, work, kernelFile);
}

async function importFile(
  ports: ImporterPorts,
  scratch: Scratch,
  file: string,
  name: string,
  work: Work,
): Promise<KernelFile> {
  const root = join(scratch.path, 'root');
  const names = { reference: name, aliases: [] };
  if (!isDeb(await readHead(file))) {
    await mkdir(join(root, 'boot'), { recursive: true });
    await copyFile(file, join(root, 'boot/vmlinux'));
    return await importFolder(ports, scratch, root, names, work);
  }
  await unpackKernelDeb(await readFile(file), root, work.signal);
  return await importFolder(ports, scratch, root, names, work);
}

function importFolder(
  ports: ImporterPorts,
  scratch: Scratch,
  root: string,
  names: KernelNames,
  work: Work,
  kernelFile?: string,
): Promise<KernelFile> {
  return importTree(ports.store, {
    root,
    names,
    scratch: join(scratch.path, 'modules'),
    architecture: ports.architecture,
    now: ports.clock.now(),
    signal: work.signal,
    ...(kernelFile === undefined ? {} : { kernelFile }),
  });
}

async function statPath(path: string) {
  try {
    return await stat(path);
  } catch (cause) {
    throw new IgniteError('kernels/not-found', `The kernel file ${path} cannot be read`, { cause });
  }
}

async function readHead(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const head = Buffer.alloc(8);
  await file.read(head, 0, head.length, 0);
  return head;
}
