// The one place that puts the rooms together, with `wiring/`. No globals: everything a room needs is handed in here.
import { availableParallelism } from 'node:os';
import type { ConfigurationSpec } from '@ignite/api';
import { createDeclare } from './declare/index.ts';
import { createDisks, openVolumes } from './disks/index.ts';
import { createGuest } from './guest/index.ts';
import { type Clock, hostClock, hostCommands, namesIn, peerOf, startRunner } from './host/index.ts';
import { keepSwept } from './janitor/index.ts';
import { type Complain, openVms, type Rooms, type Vms } from './lifecycle/index.ts';
import { carriesOrdinal, createTapRates, isNetworkLink, type Network } from './network/index.ts';
import {
  createAudit,
  jsonFile,
  openState,
  runFile,
  sourcePlace,
  stateFile,
  type State,
} from './state/index.ts';
import { emulationNotice } from './vmm/index.ts';
import { makeConfiguredNetworks } from './wiring/configured-networks.ts';
import type { Engine, EngineOptions } from './wiring/engine.ts';
import { diskUse } from './wiring/disk-use.ts';
import { faultSwitch } from './wiring/fault-switch.ts';
import { openCgroups, openDrivers } from './wiring/open-host.ts';
import { openImageRooms } from './wiring/open-images.ts';
import { openJanitor } from './wiring/open-janitor.ts';
import { openNetwork } from './wiring/open-network.ts';
import { openSupervisor } from './wiring/open-supervisor.ts';
import { emitVm, tellOfDaemon, tellOfStray } from './wiring/tell.ts';
import { claimUidRange, DEFAULT_UID_BASE, type UidRange } from './wiring/uid-range.ts';

/** Gone with the boot, like everything that carries an ordinal. */
const ENGINES_FOLDER = '/run/ignite-engines';

/**
 * Opens the state directory, recovers, adopts what runs, and answers.
 * @throws IgniteError `state/…`, `host/uid-range-…`
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const clock = hostClock();
  await using owned = new AsyncDisposableStack();
  const runner = startRunner(options.programs.spawn, options);
  owned.defer(() => runner.close());
  const commands = hostCommands(runner);
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
  const { idPrefix, runtime, vmDefaults = {} } = options.configuration;
  const uids = await claimUids(state, options.configuration);
  const { images, kernels, makeImage } = await openImageRooms({ options, clock, commands, uids });
  const rooms: Rooms = {
    state,
    clock,
    images,
    kernels,
    rates: createTapRates(commands),
    disks: createDisks({ commands, deviceMapper: options.configuration.deviceMapper === true }),
    volumes: await openVolumes({ store: state.volumes, clock, complain: options.complain }),
    network: openNetwork(state, clock, commands, options),
    supervisor: openSupervisor(state, clock, commands, options),
    guest: createGuest({ initPath: options.programs.init }),
    drivers: openDrivers(state, commands, options.programs.spawn, options),
    cgroups: await openCgroups(state.instance),
    emulationNotice: emulationNotice(jsonFile(runFile(state.runRoot, 'notice', {})), state.bootId),
    vmmUid: (slot) => uids?.vmm(slot),
  };
  const vms = await openVms({
    rooms,
    bootsAtOnce: availableParallelism(),
    vmDefaults,
    newVms: {
      ...(runtime === undefined ? {} : { runtime }),
      ...(idPrefix === undefined ? {} : { idPrefix }),
    },
    hostPaths: options.configuration.hostPaths ?? [],
    watchesAgents: true,
    onEvent: (action, vm, at, leftOut) => emitVm(state.events, action, vm, { at, leftOut }),
    ...(options.managerActive === undefined ? {} : { managerActive: options.managerActive }),
    complain: options.complain,
    signal: options.signal,
  });
  await makeConfiguredNetworks(vms, options.configuration, options.complain);
  const audit = createAudit(options.stateDirectory, clock, options.complain);
  const janitor = openJanitor(rooms, vms, commands, process.getuid?.() === 0);
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
    declare: createDeclare(vms, vmDefaults),
    images,
    kernels,
    makeImage,
    source: (manager) => sourcePlace(state.root, manager),
    metricsSocket: (uid) => stateFile(state.root, 'vmMetrics', { uid }),
    events: state.events,
    audit,
    diskUse: async () => [...(await diskUse({ root: state.root, vms, images, kernels }))],
    janitor,
    peerOf: (socket) => peerOf(socket, { spawnPath: options.programs.spawn, runner }),
    drivers: rooms.drivers,
    commands,
    clock,
    instance: state.instance,
    stateDirectory: options.stateDirectory,
    runDirectory: options.runDirectory,
    [Symbol.asyncDispose]: async () => {
      // The state directory is kept until then: another daemon on it would work on the same VMs.
      await untilIdle(vms, clock);
      tellOfDaemon(state.events, 'stop', options.writer);
      await audit.flush();
      await leaveNothing(vms, rooms.network, options.complain);
      await held.disposeAsync();
    },
  };
}

const REMOVE_DEADLINE_MS = 30_000;
/** How long operations may take to stop where they are, each at the end of the program or the call it waits for. */
const IDLE_DEADLINE_MS = 20_000;

async function untilIdle(vms: Vms, clock: Clock): Promise<void> {
  const over = new AbortController();
  const late = clock.sleep(IDLE_DEADLINE_MS, over.signal).catch(() => {}); // aborted below, as a pending timer would keep the process alive
  await Promise.race([vms.idle(), late]);
  over.abort();
}

/** An engine without VMs leaves no network behind; the next VM makes it again. */
async function leaveNothing(vms: Vms, network: Network, complain: Complain): Promise<void> {
  if (process.getuid?.() !== 0 || vms.list().length > 0) return;
  try {
    await network.removeAll(AbortSignal.timeout(REMOVE_DEADLINE_MS));
  } catch (error) {
    complain('Could not remove the network', error);
  }
}

/** Whether something on the host is named after an ordinal: by an engine of an earlier version, or one whose state was moved. */
async function ordinalShows(ordinal: number): Promise<boolean> {
  const [links, namespaces] = await Promise.all([namesIn('/sys/class/net'), namesIn('/run/netns')]);
  const isOurs = (link: string) => isNetworkLink(link, ordinal);
  return links.some(isOurs) || namespaces.some((name) => carriesOrdinal(name, ordinal));
}

/** Only root can give each VMM its own user. */
async function claimUids(state: State, configuration: ConfigurationSpec): Promise<UidRange | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return claimUidRange({ base: configuration.uidBase ?? DEFAULT_UID_BASE, ordinal: state.ordinal });
}
