// The kernels room: finds, imports, lists and removes the kernels that VMs boot.
import { release } from 'node:os';
import { IgniteError, isIgniteError, normalizeReference } from '@ignite/api';
import { type Clock, type Commands, hasErrno } from '../host/index.ts';
import type { ImageRequest, Images } from '../images/port.ts';
import { type Caller, createSharedWork } from '../work/index.ts';
import type { Workers } from '../worker/index.ts';
import {
  APT,
  HOST,
  type ImporterPorts,
  importApt,
  importHost,
  importImage,
  importStream,
} from './importer.ts';
import type { KernelFile } from './kernel-file.ts';
import type { KernelRecord, Kernels } from './port.ts';
import { createScratchMaker } from './scratch.ts';
import type { KernelHost } from './sources/host-kernel.ts';
import { defaultKernelPackage } from './sources/apt-record.ts';
import { createKernelStore } from './store.ts';

export interface KernelsOptions {
  /** `/var/lib/ignite/kernels`; made when the first kernel comes. */
  readonly directory: string;
  /** Folder for scratch files, `/var/lib/ignite/imports`; made where missing. */
  readonly scratch: string;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly images: Images;
  readonly workers: Workers;
  readonly config: {
    /** Image reference of the kernel to use where a VM names none. */
    readonly kernelImage?: string;
    /** What is used instead of a reference that manifests name. */
    readonly mapped?: Readonly<Record<string, string>>;
    /** Whether the distribution's kernel may be downloaded; default true. */
    readonly autoDownload?: boolean;
  };
  /** `amd64`, `arm64`: what this host runs. */
  readonly architecture: string;
  /** Content of /etc/os-release. */
  readonly osRelease: string;
  /** Whose kernel `host:` is; default: this host. */
  readonly host?: KernelHost;
  /** Proxy variables for apt. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The kernels of one state directory. */
export function createKernels(options: KernelsOptions): Kernels {
  const store = createKernelStore(options.directory);
  const ports: ImporterPorts = {
    host: { root: '/', release: release() },
    ...options,
    store,
    makeScratch: createScratchMaker(options.scratch, 'kernel-'),
  };
  const shared = createSharedWork<KernelFile>('The import of the kernel');

  const find = async (reference: string): Promise<KernelRecord | undefined> => {
    const found = findKernel(await store.list(), reference);
    return found === undefined ? undefined : store.toRecord(found.kernel, found.reference);
  };
  const importSource = async (source: string, request: ImageRequest): Promise<KernelRecord> => {
    const work = (caller: Caller) => importFrom(ports, source, { ...request, ...caller });
    return store.toRecord(await explained(source, request.signal, () => shared.run(source, request, work)));
  };
  const ensureNamed = async (reference: string, request: ImageRequest): Promise<KernelRecord> => {
    const known = await find(reference);
    if (known !== undefined && request.pull !== 'always') return known;
    if (known === undefined && request.pull === 'never') throw notFound(reference);
    return known !== undefined && known.uid === reference ? known : await importSource(reference, request);
  };

  return {
    ensure: (named, request) => {
      const reference = named === undefined ? undefined : (options.config.mapped?.[named] ?? named);
      return reference === undefined
        ? ensureDefault(options, find, ensureNamed, store.list, request)
        : ensureNamed(reference, request);
    },
    import: (source, { report, signal, image }) => importSource(source, { ...image, report, signal }),
    load: async (name, stream, work) =>
      store.toRecord(await explained(name, work.signal, () => importStream(ports, name, stream, work))),
    find,
    list: async () =>
      (await store.list()).flatMap((kernel) =>
        kernel.references.length === 0
          ? [store.toRecord(kernel)]
          : kernel.references.map((reference) => store.toRecord(kernel, reference)),
      ),
    hold: store.hold,
    remove: async (reference, inUse = () => false) => {
      const found = findKernel(await store.list(), reference);
      if (found === undefined) throw notFound(reference);
      const others = found.kernel.references.filter((each) => each !== found.reference);
      if (found.reference !== undefined && others.length > 0) {
        await store.dropReference(found.kernel.uid, found.reference);
      } else {
        await store.remove(found.kernel.uid, inUse);
      }
    },
  };
}

function importFrom(ports: ImporterPorts, source: string, request: ImageRequest): Promise<KernelFile> {
  if (source.startsWith(APT)) return importApt(ports, source, request);
  if (source === HOST) return importHost(ports, request);
  return importImage(ports, source, request);
}

/**
 * The kernel of a VM that names none: the configured image if it can be had, else the distribution's package if it is
 * here, else the newest kernel that somebody imported, under whatever name, else the distribution's package through apt.
 */
async function ensureDefault(
  options: KernelsOptions,
  find: Kernels['find'],
  ensureNamed: (reference: string, request: ImageRequest) => Promise<KernelRecord>,
  list: () => Promise<readonly KernelFile[]>,
  request: ImageRequest,
): Promise<KernelRecord> {
  const failures: unknown[] = [];
  const attempt = async (reference: string): Promise<KernelRecord | undefined> => {
    try {
      return await ensureNamed(reference, request);
    } catch (error) {
      if (isIgniteError(error, 'host/cancelled') || isIgniteError(error, 'host/disk-full')) throw error;
      failures.push(error);
      return undefined;
    }
  };
  const { kernelImage, autoDownload = true } = options.config;
  const configured = kernelImage === undefined ? undefined : await attempt(kernelImage);
  if (configured !== undefined) return configured;

  const name = defaultKernelPackage(options.osRelease, options.architecture);
  const source = name === undefined ? undefined : `${APT}${name}`;
  const known = source === undefined ? undefined : await find(source);
  if (known !== undefined) return known;
  const [newest] = await list();
  const imported = newest === undefined ? undefined : await find(newest.uid);
  if (imported !== undefined) return imported;

  const mayDownload = autoDownload && request.pull !== 'never';
  const downloaded = source === undefined || !mayDownload ? undefined : await attempt(source);
  if (downloaded !== undefined) return downloaded;
  throw noKernel(options, failures.at(-1));
}

function noKernel(options: KernelsOptions, cause: unknown): IgniteError {
  const { kernelImage, autoDownload = true } = options.config;
  const tried = [
    kernelImage === undefined
      ? 'no kernel image is configured'
      : `the kernel image ${kernelImage} cannot be had`,
    autoDownload ? "the distribution's kernel cannot be downloaded" : 'kernel.autoDownload is false',
  ];
  return new IgniteError('kernels/none', `There is no kernel to boot: ${tried.join(', and ')}`, {
    stage: 'kernel',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** By exact reference, uid, digest, alias, or a unique prefix of a uid; with the reference it was found by. */
function findKernel(
  kernels: readonly KernelFile[],
  word: string,
): { readonly kernel: KernelFile; readonly reference?: string } | undefined {
  // A file's name that came as an image reference has been given the default tag on its way.
  const same: readonly ((reference: string) => boolean)[] = [
    (reference) => reference === word,
    (reference) => tryNormalize(reference) === tryNormalize(word),
  ];
  for (const isWord of same)
    for (const kernel of kernels) {
      const reference = kernel.references.find(isWord);
      if (reference !== undefined) return { kernel, reference };
    }
  const uid = uidOf(word);
  const exact = kernels.find(
    (each) => each.uid === uid || each.digest === word || each.aliases.includes(word),
  );
  if (exact !== undefined) return { kernel: exact };
  if (!/^[0-9a-f]+$/.test(word)) return undefined;
  const [first, ...more] = kernels.filter((each) => each.uid.startsWith(word));
  return first !== undefined && more.length === 0 ? { kernel: first } : undefined;
}

/** A uid that came as an image reference has been given the default tag on its way. */
function uidOf(word: string): string {
  return /^[0-9a-f]{16}:latest$/.test(word) ? word.slice(0, 16) : word;
}

function tryNormalize(reference: string): string {
  try {
    return normalizeReference(reference);
  } catch {
    return reference; // `apt:…` and file names are no image references
  }
}

function notFound(reference: string): IgniteError {
  return new IgniteError('kernels/not-found', `There is no kernel ${reference} here`, {
    details: { reference },
  });
}

/** Turns what the file system or a signal said during an import into an error of the catalogue. */
async function explained<T>(source: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isIgniteError(cause, 'host/cancelled')) throw cause;
    const of = { cause, stage: 'kernel', details: { source } };
    if (signal.aborted) {
      throw new IgniteError('host/cancelled', `The import of the kernel ${source} was cancelled`, of);
    }
    if (isIgniteError(cause)) throw cause;
    if (hasErrno(cause, 'ENOSPC', 'EDQUOT')) {
      throw new IgniteError('host/disk-full', `No space left for the kernel ${source}`, of);
    }
    throw new IgniteError('kernels/store', `The kernel ${source} could not be imported`, of);
  }
}
