// The sources of kernels: each is brought to where the worker can read it, and read there.
import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Report } from '@ignite/api';
import type { Clock, Commands } from '../host/index.ts';
import type { ImageRequest, Images } from '../images/port.ts';
import type { Workers } from '../worker/index.ts';
import { corrupt } from './compression/index.ts';
import { keepKernel } from './keep-kernel.ts';
import { MAX_FILE } from './parse/unpack-input.ts';
import type { KernelFile } from './kernel-file.ts';
import type { Scratch } from './scratch.ts';
import { downloadKernel } from './sources/apt-kernel.ts';
import { copyHostKernel, type KernelHost } from './sources/host-kernel.ts';
import type { KernelNames, KernelStore } from './store.ts';

export const APT = 'apt:';
export const HOST = 'host:';

export interface ImporterPorts {
  readonly store: KernelStore;
  readonly makeScratch: () => Promise<Scratch>;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly images: Images;
  readonly workers: Workers;
  readonly architecture: string;
  readonly host: KernelHost;
  readonly environment?: Readonly<Record<string, string>>;
}

interface Work {
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
  const reference = `${APT}${download.kernelPackage}`;
  const aliases = source === reference ? [] : [source];
  const kernel = await importFiles(ports, scratch, download.files, { reference, aliases }, work);
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
  const folder = await workFolder(ports, scratch);
  await rename(files.path, join(folder, 'root'));
  return await keep(ports, { folder, names: { reference: files.reference, aliases: [] } }, request);
}

/** A package, a tar of a folder laid out as a kernel image, a vmlinux or a bzImage as bytes; its name is its reference. */
export async function importStream(
  ports: ImporterPorts,
  name: string,
  stream: AsyncIterable<Uint8Array>,
  work: Work,
): Promise<KernelFile> {
  await using scratch = await ports.makeScratch();
  const file = join(scratch.path, 'file');
  const sent = atMost(MAX_FILE, stream, basename(name));
  await pipeline(sent, createWriteStream(file, { mode: 0o600 }), { signal: work.signal });
  return await importFiles(ports, scratch, [file], { reference: basename(name), aliases: [] }, work);
}

/** Refuses what no kernel is before it fills the disk. */
async function* atMost(
  most: number,
  stream: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of stream) {
    bytes += piece.length;
    if (bytes > most) throw corrupt(name, `it has more than ${most} bytes`);
    yield piece;
  }
}

/** The kernel that this host runs, with its modules. */
export async function importHost(ports: ImporterPorts, work: Work): Promise<KernelFile> {
  await using scratch = await ports.makeScratch();
  const folder = await workFolder(ports, scratch);
  const root = join(folder, 'root');
  const kernelFile = await copyHostKernel(ports.host, root);
  const names = { reference: `${HOST}${ports.host.release}`, aliases: [HOST] };
  return await keep(ports, { folder, names, kernelFile }, work);
}

async function importFiles(
  ports: ImporterPorts,
  scratch: Scratch,
  paths: readonly string[],
  names: KernelNames,
  work: Work,
): Promise<KernelFile> {
  await using opened = new AsyncDisposableStack();
  const files = [];
  for (const path of paths) files.push(opened.use(await open(path, 'r')));
  return await keep(ports, { folder: await workFolder(ports, scratch), names, files }, work);
}

async function workFolder(ports: ImporterPorts, scratch: Scratch): Promise<string> {
  const folder = join(scratch.path, 'work');
  await ports.workers.makeFolder(folder);
  return folder;
}

function keep(
  { store, workers, architecture, clock }: ImporterPorts,
  input: Pick<Parameters<typeof keepKernel>[2], 'folder' | 'names' | 'kernelFile'> &
    Partial<Pick<Parameters<typeof keepKernel>[2], 'files'>>,
  { signal }: Work,
): Promise<KernelFile> {
  return keepKernel(store, workers, { files: [], architecture, now: clock.now(), ...input, signal });
}
