// Images, kernels and the maker of machine images, wired: which user their workers are, where they keep what.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, ORIGINAL_KERNEL } from '@ignite/api';
import { type Clock, type Commands, emptyFolder, hostArchitecture } from '../host/index.ts';
import { createImageMaker } from '../imagemake/index.ts';
import { createImages, defaultLimits, type Images, importLimits, registrySettings } from '../images/index.ts';
import { createKernels, type Kernels, sweepKernels } from '../kernels/index.ts';
import { createWorkers, type WorkerUser } from '../worker/index.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { UidRange } from './uid-range.ts';

const KERNELS_FOLDER = 'kernels';
const IMPORTS_FOLDER = 'imports';
const KERNEL_WORKERS = 2;

/** What all three are made from. */
interface Hands {
  readonly options: EngineOptions;
  readonly clock: Clock;
  readonly commands: Commands;
  /** Absent where the daemon is not root: workers are the daemon's user. */
  readonly uids: UidRange | undefined;
}

interface ImageRooms extends Pick<Engine, 'makeImage'> {
  readonly images: Images;
  readonly kernels: Kernels;
}

/** Opens the stores of images and kernels; imports that an earlier daemon left half done are forgotten. */
export async function openImageRooms(hands: Hands): Promise<ImageRooms> {
  // Whoever held the state directory before is gone, and so is the use of its half-done imports.
  await emptyFolder(join(hands.options.stateDirectory, IMPORTS_FOLDER));
  await sweepKernels(join(hands.options.stateDirectory, KERNELS_FOLDER));
  const release = await osRelease();
  const images = await openImages(hands);
  const kernels = openKernels(hands, images, release);
  return { images, kernels, makeImage: imageMaking(hands, images, release) };
}

function openImages({ options, clock, commands, uids }: Hands): Promise<Images> {
  const { importWorker } = options.programs;
  return createImages({
    stateDirectory: options.stateDirectory,
    clock,
    commands,
    architecture: options.architecture ?? hostArchitecture(),
    workerUser: workerUser(uids),
    limits: importLimits(options.configuration.imports),
    registry: registrySettings(options.configuration, options.environment),
    ...(importWorker === undefined ? {} : { workerModule: importWorker }),
  });
}

function workerUser(uids: UidRange | undefined): WorkerUser {
  const id = uids?.worker ?? process.getuid?.() ?? 0;
  return { uid: id, gid: id };
}

function openKernels({ options, clock, commands, uids }: Hands, images: Images, osRelease: string): Kernels {
  const { oci, autoDownload, mapped } = options.configuration.kernel ?? {};
  // The original's default counts as unset in manifests, so what it is mapped to is the default here.
  const kernelImage = oci ?? mapped?.[ORIGINAL_KERNEL];
  const { importWorker } = options.programs;
  const { maxMemoryBytes } = { ...defaultLimits, ...importLimits(options.configuration.imports) };
  return createKernels({
    workers: createWorkers({
      ...(importWorker === undefined ? {} : { module: importWorker }),
      user: workerUser(uids),
      memoryBytes: maxMemoryBytes,
      atOnce: KERNEL_WORKERS,
      commands,
    }),
    directory: join(options.stateDirectory, KERNELS_FOLDER),
    scratch: join(options.stateDirectory, IMPORTS_FOLDER),
    commands,
    clock,
    images,
    config: {
      ...(kernelImage === undefined ? {} : { kernelImage }),
      ...(autoDownload === undefined ? {} : { autoDownload }),
      ...(mapped === undefined ? {} : { mapped }),
    },
    architecture: options.architecture ?? hostArchitecture(),
    osRelease,
    environment: options.environment,
  });
}

function imageMaking(
  { options, clock, commands }: Hands,
  images: Images,
  osRelease: string,
): Engine['makeImage'] {
  const maker = createImageMaker({
    commands,
    clock,
    scratch: join(options.stateDirectory, IMPORTS_FOLDER),
    architecture: options.architecture ?? hostArchitecture(),
    osRelease,
    aptFolder: '/etc/apt',
    root: process.getuid?.() === 0,
    compression: 'zstd',
    environment: options.environment,
  });
  return async (request, { report, signal }) => {
    await using made = await maker.machine({ ...request, report, signal });
    const source = { kind: 'layout', path: made.folder } as const;
    const [record] = await images.load(source, { reference: made.reference, report, signal });
    if (record === undefined)
      throw new IgniteError('images/not-found', `${made.reference} was made but not stored`);
    // `ignite run ignite-debian` without a tag means the newest that was made.
    if (request.reference === undefined) await images.tag(record.reference, latestOf(record.reference));
    return record;
  };
}

function latestOf(reference: string): string {
  return `${reference.slice(0, reference.lastIndexOf(':'))}:latest`;
}

async function osRelease(): Promise<string> {
  try {
    return await readFile('/etc/os-release', 'utf8');
  } catch {
    return ''; // then there is no distribution kernel to find
  }
}
