// The one place that puts the rooms together. No globals: everything a room needs is handed in here.
import { availableParallelism } from 'node:os';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { readdir, readFile } from 'node:fs/promises';
import { type ConfigurationSpec, type HandlerBody, IgniteError } from '@ignite/api';
import { createDeclare, type Declare } from './declare/index.ts';
import { createDisks, openVolumes } from './disks/index.ts';
import { faultSwitch } from './fault-switch.ts';
import { createGuest } from './guest/index.ts';
import { createImageMaker } from './imagemake/index.ts';
import {
  type Clock,
  type Commands,
  emptyFolder,
  hostClock,
  hostCommands,
  type Peer,
  peerOf,
} from './host/index.ts';
import {
  createImages,
  type ImageRecord,
  type Images,
  importLimits,
  registrySettings,
} from './images/index.ts';
import { type Janitor, keepSwept, type Swept } from './janitor/index.ts';
import { openCgroups, openDrivers } from './open-host.ts';
import { openJanitor } from './open-janitor.ts';
import { createKernels, type Kernels } from './kernels/index.ts';
import { createWorkers, type WorkerUser } from './worker/index.ts';
import { type Call, type Complain, openVms, type Rooms, type VmAction, type Vms } from './lifecycle/index.ts';
import {
  createNameService,
  createNetwork,
  hostResolvers,
  createNetworks,
  createTapRates,
  createUserNetwork,
  type Network,
  carriesOrdinal,
  isNetworkLink,
} from './network/index.ts';
import {
  type Audit,
  createAudit,
  type Events,
  jsonFile,
  networkFiles,
  openState,
  runFile,
  type SourcePlace,
  sourcePlace,
  type State,
} from './state/index.ts';
import { createSupervisor } from './supervisor/index.ts';
import { makeConfiguredNetworks } from './configured-networks.ts';
import { openGivenNetworks } from './given-networks.ts';
import { claimUidRange, DEFAULT_UID_BASE, type UidRange } from './uid-range.ts';
import { emulationNotice, type VmmDriver } from './vmm/index.ts';

export interface EngineOptions {
  /** Absolute path: `/var/lib/ignite`. */
  readonly stateDirectory: string;
  /** Absolute path: `/run/ignite`. */
  readonly runDirectory: string;
  /** Absolute paths of our native programs, and of the import worker where the daemon is bundled. */
  readonly programs: { readonly spawn: string; readonly init: string; readonly importWorker?: string };
  readonly configuration: ConfigurationSpec;
  /** For people, in format.json: `ignite 1.0.0`. */
  readonly writer: string;
  /** Proxy variables, for registries and apt. */
  readonly environment: Readonly<Record<string, string>>;
  readonly complain: Complain;
  /** Whether a source is at work that would make a removed VM again. */
  readonly managerActive?: (manager: string) => boolean;
  /** Aborted when the daemon ends; VMs run on. */
  readonly signal: AbortSignal;
}

/** Everything the daemon offers, behind one door. */
export interface Engine extends AsyncDisposable {
  readonly vms: Vms;
  /** VMs as manifests say. */
  readonly declare: Declare;
  readonly images: Images;
  readonly kernels: Kernels;
  /** Makes a machine image from a distribution's packages and puts it into the store. */
  makeImage(request: HandlerBody<'makeImage'>, call: Call): Promise<ImageRecord>;
  /** What is kept of a source of manifests, by its manager. */
  source(manager: string): Promise<SourcePlace>;
  readonly events: Events;
  readonly audit: Audit;
  /** What carries our mark and belongs to nothing. */
  readonly janitor: Janitor;
  /** Who connected a socket of the daemon's. */
  peerOf(socket: Socket): Promise<Peer | undefined>;
  readonly drivers: readonly VmmDriver[];
  readonly commands: Commands;
  readonly clock: Clock;
  readonly instance: string;
  readonly stateDirectory: string;
  readonly runDirectory: string;
}

/** Gone with the boot, as is what carries an ordinal. */
const ENGINES_FOLDER = '/run/ignite-engines';
const KERNELS_FOLDER = 'kernels';
const IMPORTS_FOLDER = 'imports';
const INITRD_FOLDER = 'initrd';
/** A kernel with all its modules is parsed in memory, outside of the heap. */
const KERNEL_WORKER_HEAP_MIB = 512;
const KERNEL_WORKERS = 2;

/**
 * Opens the state directory, recovers, adopts what runs, and answers.
 * @throws IgniteError `state/…`, `host/uid-range-…`
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const clock = hostClock();
  const commands = hostCommands();
  await using owned = new AsyncDisposableStack();
  const state = owned.use(
    await openState({
      ...(process.getuid?.() === 0 ? { engines: ENGINES_FOLDER, ordinalShows } : {}),
      root: options.stateDirectory,
      runRoot: options.runDirectory,
      writer: options.writer,
      clock,
      points: faultSwitch(),
    }),
  );
  // Whoever held the state directory before is gone, and so is the use of its half-done imports.
  await emptyFolder(join(options.stateDirectory, IMPORTS_FOLDER));
  const uids = await claimUids(state, options.configuration);
  const release = await osRelease();
  const images = await openImages(options, clock, commands, uids);
  const rooms: Rooms = {
    state,
    clock,
    images,
    kernels: openKernels(options, clock, commands, images, uids, release),
    rates: createTapRates(commands),
    disks: createDisks({ commands }),
    volumes: await openVolumes({ store: state.volumes, clock, complain: options.complain }),
    network: openNetwork(state, clock, commands, options),
    supervisor: createSupervisor({ spawnPath: options.programs.spawn, commands, clock }),
    guest: createGuest({
      initPath: options.programs.init,
      cacheDirectory: join(options.stateDirectory, INITRD_FOLDER),
    }),
    drivers: openDrivers(state, commands, options.programs.spawn, options.configuration),
    cgroups: await openCgroups(state.instance),
    emulationNotice: emulationNotice(jsonFile(runFile(state.runRoot, 'notice', {})), state.bootId),
    vmmUid: (slot) => uids?.vmm(slot),
  };
  const vms = await openVms({
    rooms,
    bootsAtOnce: availableParallelism(),
    vmDefaults: options.configuration.vmDefaults ?? {},
    hostPaths: options.configuration.hostPaths ?? [],
    onEvent: (action, vm, at) => emitVm(state.events, action, vm, at),
    ...(options.managerActive === undefined ? {} : { managerActive: options.managerActive }),
    complain: options.complain,
    signal: options.signal,
  });
  await makeConfiguredNetworks(vms, options.configuration, options.complain);
  const makeImage = imageMaking(options, clock, commands, images, release);
  const audit = createAudit(options.stateDirectory, clock, options.complain);
  const janitor = openJanitor(rooms, commands, process.getuid?.() === 0);
  keepSwept({
    janitor,
    tell: (swept) => tellOfStray(state.events, swept),
    complain: options.complain,
    signal: options.signal,
  });
  tellOfDaemon(state.events, 'start', options.writer);
  const held = owned.move();
  return {
    vms,
    declare: createDeclare(vms, options.configuration.vmDefaults ?? {}),
    images,
    kernels: rooms.kernels,
    makeImage,
    source: (manager) => sourcePlace(state.root, manager),
    events: state.events,
    audit,
    janitor,
    peerOf: (socket) => peerOf(socket, options.programs.spawn),
    drivers: rooms.drivers,
    commands,
    clock,
    instance: state.instance,
    stateDirectory: options.stateDirectory,
    runDirectory: options.runDirectory,
    [Symbol.asyncDispose]: async () => {
      tellOfDaemon(state.events, 'stop', options.writer);
      await audit.flush();
      await leaveNothing(vms, rooms.network, options.complain);
      await held.disposeAsync();
    },
  };
}

const REMOVE_DEADLINE_MS = 30_000;

/** An engine without VMs leaves no network behind; the next VM makes it again. */
async function leaveNothing(vms: Vms, network: Network, complain: Complain): Promise<void> {
  if (process.getuid?.() !== 0 || vms.list().length > 0) return;
  try {
    await network.removeAll(AbortSignal.timeout(REMOVE_DEADLINE_MS));
  } catch (error) {
    complain('Could not remove the network', error);
  }
}

/** An interface named after an ordinal is there: an engine of an earlier version, or one whose state was moved. */
async function ordinalShows(ordinal: number): Promise<boolean> {
  const list = (folder: string) => readdir(folder).catch((): string[] => []);
  const [links, namespaces] = await Promise.all([list('/sys/class/net'), list('/run/netns')]);
  const isOurs = (link: string) => isNetworkLink(link, ordinal);
  return links.some(isOurs) || namespaces.some((name) => carriesOrdinal(name, ordinal));
}

/** Only root can give each VMM its own user. */
async function claimUids(state: State, configuration: ConfigurationSpec): Promise<UidRange | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return claimUidRange({ base: configuration.uidBase ?? DEFAULT_UID_BASE, ordinal: state.ordinal });
}

function openImages(
  options: EngineOptions,
  clock: Clock,
  commands: Commands,
  uids: UidRange | undefined,
): Promise<Images> {
  const { importWorker } = options.programs;
  return createImages({
    stateDirectory: options.stateDirectory,
    clock,
    commands,
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

function openKernels(
  options: EngineOptions,
  clock: Clock,
  commands: Commands,
  images: Images,
  uids: UidRange | undefined,
  osRelease: string,
): Kernels {
  const { oci, autoDownload, mapped } = options.configuration.kernel ?? {};
  const { importWorker } = options.programs;
  return createKernels({
    workers: createWorkers({
      ...(importWorker === undefined ? {} : { module: importWorker }),
      user: workerUser(uids),
      heapMiB: KERNEL_WORKER_HEAP_MIB,
      atOnce: KERNEL_WORKERS,
      commands,
    }),
    directory: join(options.stateDirectory, KERNELS_FOLDER),
    scratch: join(options.stateDirectory, IMPORTS_FOLDER),
    commands,
    clock,
    images,
    config: {
      ...(oci === undefined ? {} : { kernelImage: oci }),
      ...(autoDownload === undefined ? {} : { autoDownload }),
      ...(mapped === undefined ? {} : { mapped }),
    },
    architecture: hostArchitecture(),
    osRelease,
    environment: options.environment,
  });
}

function imageMaking(
  options: EngineOptions,
  clock: Clock,
  commands: Commands,
  images: Images,
  osRelease: string,
): Engine['makeImage'] {
  const maker = createImageMaker({
    commands,
    clock,
    scratch: join(options.stateDirectory, IMPORTS_FOLDER),
    architecture: hostArchitecture(),
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

function hostArchitecture(): 'amd64' | 'arm64' {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

/** A daemon that is not root has user networks only. */
function openNetwork(
  state: State,
  clock: Clock,
  commands: Commands,
  { configuration, complain, programs: { spawn } }: EngineOptions,
): Network {
  const readText = (path: string) => readFile(path, 'utf8');
  const user = createUserNetwork({ commands, readText });
  if (process.getuid?.() !== 0) return createNetworks({ user });
  const bridge = createNetwork({
    commands,
    clock,
    instance: state.instance,
    ordinal: state.ordinal,
    bootId: state.bootId,
    store: networkFiles(state.root),
    ...(configuration.network === undefined ? {} : { settings: configuration.network }),
    readText,
    nameService: createNameService({ hostResolvers: () => hostResolvers(readText), complain }),
  });
  const given = openGivenNetworks({ state, commands, readText, configuration, spawn });
  const { networkPlugin } = configuration;
  return createNetworks({
    bridge,
    user,
    ...given,
    ...(networkPlugin === undefined ? {} : { defaultMode: networkPlugin }),
  });
}

/** Between a `stop`, or nothing, and the next `start` nobody watched. */
function tellOfDaemon(events: Events, action: 'start' | 'stop', version: string): void {
  events.emit({ kind: 'daemon', action, attributes: { version, pid: String(process.pid) } });
}

function tellOfStray(events: Events, { kind, name, why, result, problem }: Swept): void {
  const attributes = { what: kind, name, why, ...(problem === undefined ? {} : { problem }) };
  events.emit({ kind: 'gc', action: result, attributes });
}

function emitVm(
  events: Events,
  action: VmAction,
  vm: Parameters<Parameters<typeof openVms>[0]['onEvent']>[1],
  at: string | undefined,
): void {
  const { status, metadata } = vm;
  events.emit({
    ...(at === undefined ? {} : { time: at }),
    kind: 'vm',
    action,
    vm: metadata.uid,
    name: metadata.name,
    attributes: {
      state: status.state,
      ...(status.detail === undefined ? {} : { detail: status.detail }),
      ...(status.health === undefined ? {} : { health: status.health }),
      ...(status.endedBy === undefined ? {} : { by: status.endedBy }),
      ...(status.exitCode === undefined ? {} : { exitCode: String(status.exitCode) }),
    },
  });
}

async function osRelease(): Promise<string> {
  try {
    return await readFile('/etc/os-release', 'utf8');
  } catch {
    return ''; // then there is no distribution kernel to find
  }
}
