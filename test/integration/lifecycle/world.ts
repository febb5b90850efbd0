// An engine's lifecycle without a machine: the real state room and the real ignite-spawn with the stand-in VMM, and
// rooms beside them that make what they are asked for in memory or in one small file.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, type Vm } from '@ignite/api';
import { openVolumes } from '../../../engine/src/disks/index.ts';
import type { Disks } from '../../../engine/src/disks/port.ts';
import type { Guest } from '../../../engine/src/guest/port.ts';
import { type Cgroups, type Clock, hostClock, hostCommands } from '../../../engine/src/host/index.ts';
import type { ImageRecord, Images } from '../../../engine/src/images/port.ts';
import type { KernelRecord, Kernels } from '../../../engine/src/kernels/port.ts';
import { openVms, type Rooms, type VmAction, type Vms } from '../../../engine/src/lifecycle/index.ts';
import { addressesOf, type PresentNic, type TapRates } from '../../../engine/src/network/index.ts';
import type { Network } from '../../../engine/src/network/port.ts';
import { type FaultPoints, openState } from '../../../engine/src/state/index.ts';
import { emitVm } from '../../../engine/src/wiring/tell.ts';
import { createSupervisor } from '../../../engine/src/supervisor/index.ts';
import { createQemuDriver, type VmmDriver } from '../../../engine/src/vmm/index.ts';
import { CHANNELS, SPAWN, STAND_IN } from '../supervisor/world.ts';

/** What the outside world does when it is asked; a test changes it. */
export interface Outside {
  /** Taps that are there now, by slot. */
  readonly taps: Set<number>;
  /** Managers whose sources are at work. */
  readonly managers: Set<string>;
  attach: () => Promise<void>;
  detach: () => Promise<void>;
  makeDisk: () => Promise<void>;
  /** What the image needs of a disk; absent: nothing. */
  baseBytes?: number;
  /** User of the VMMs; absent: ours, and nothing is given to anybody. */
  vmmUid?: number;
  /** Before and after each record. */
  points?: FaultPoints;
  /** A network room on a real host for each daemon, instead of the one that makes nothing. */
  network?: () => Network;
  /** Told what tables are made again from. */
  rebuilt?: (nics: readonly PresentNic[]) => void;
  /** The engine's clock, if it is not the host's. */
  clock?: Clock;
}

export interface OpenedVms extends AsyncDisposable {
  readonly vms: Vms;
  readonly rooms: Rooms;
  readonly events: string[];
  /** Of each event: its time where it is told late. */
  readonly times: (string | undefined)[];
  readonly complaints: string[];
}

/** Nothing fails, nothing waits. */
export function easyOutside(): Outside {
  const nothing = async () => {};
  return { taps: new Set(), managers: new Set(), attach: nothing, detach: nothing, makeDisk: nothing };
}

/** Opens the state below a folder, as a daemon does when it starts; disposing is its end, VMs run on. */
export async function openFolder(root: string, outside: Outside, bootId?: string): Promise<OpenedVms> {
  const ending = new AbortController();
  const clock = outside.clock ?? hostClock();
  const state = await openState({
    root: join(root, 'state'),
    runRoot: join(root, 'run'),
    writer: 'test',
    clock,
    ...(bootId === undefined ? {} : { bootId }),
    points: async (point) => outside.points?.(point),
  });
  const events: string[] = [];
  const times: (string | undefined)[] = [];
  const complaints: string[] = [];
  const rooms: Rooms = {
    state,
    clock,
    images: part<Images>({ ensure: async () => IMAGE, find: async () => IMAGE, hold: async () => HELD }),
    kernels: part<Kernels>({ ensure: async () => KERNEL, find: async () => KERNEL, hold: async () => HELD }),
    disks: disksOf(outside),
    volumes: await openVolumes({ store: state.volumes, clock, complain: () => {} }),
    network: outside.network?.() ?? networkOf(outside),
    supervisor: createSupervisor({ spawnPath: SPAWN, commands: hostCommands(), clock }),
    guest: guestWithoutAgent(),
    drivers: [standInDriver(root, 'qemu'), standInDriver(root, 'firecracker')],
    cgroups: part<Cgroups>({
      make: async () => [],
      remove: async () => {},
      limit: async () => new Set(),
      use: async () => undefined,
    }),
    rates: part<TapRates>({ unlimit: async () => {} }),
    emulationNotice: async () => undefined,
    vmmUid: () => outside.vmmUid,
  };
  const vms = await openVms({
    rooms,
    bootsAtOnce: 8,
    vmDefaults: {},
    hostPaths: [],
    managerActive: (manager) => outside.managers.has(manager),
    onEvent: (action: VmAction, vm: Vm, at?: string) => {
      events.push(`${action} ${vm.metadata.name}`);
      emitVm(state.events, action, vm, { at, leftOut: undefined });
      times.push(at);
    },
    complain: (text, error) => void complaints.push(`${text}: ${String(error)}`),
    signal: ending.signal,
  });
  return {
    vms,
    rooms,
    events,
    times,
    complaints,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await state[Symbol.asyncDispose]();
    },
  };
}

/** A room of which a test needs a part; what is missing says so when it is used. */
function part<T extends object>(known: Partial<T>): T {
  const get = (target: Partial<T>, key: string | symbol) => {
    const value: unknown = Reflect.get(target, key);
    if (value === undefined && typeof key === 'string' && key !== 'then') throw new Error(`No ${key} here`);
    return value;
  };
  return new Proxy(known, { get }) as T; // checked at each use
}

const HELD: Disposable = { [Symbol.dispose]() {} };
const IMAGE: ImageRecord = {
  reference: 'registry.test/image:1',
  uid: '1111111111111111',
  manifestDigest: `sha256:${'1'.repeat(64)}`,
  configDigest: `sha256:${'2'.repeat(64)}`,
  created: '2026-01-01T00:00:00Z',
  size: 1,
  architecture: 'amd64',
  config: { entrypoint: [], cmd: ['run'], env: [], user: '', workdir: '/', exposedPorts: [], labels: {} },
  hasSshd: false,
  base: { path: '/dev/null', bytes: 0 },
};

const KERNEL: KernelRecord = {
  reference: 'kernel',
  uid: '2222222222222222',
  digest: `sha256:${'3'.repeat(64)}`,
  version: '6.1',
  created: '2026-01-01T00:00:00Z',
  size: 1,
  architecture: 'amd64',
  vmlinux: '/dev/null',
  features: {},
};

function disksOf(outside: Outside): Disks {
  return part<Disks>({
    create: async ({ directory, index, bytes, formats }) => {
      const format = formats.length === 1 && formats[0] !== undefined ? formats[0] : 'raw';
      const path = join(directory, `disk${index}.${format}`);
      await writeFile(path, 'disk');
      await outside.makeDisk();
      return {
        path,
        format,
        means: format === 'raw' ? 'copy' : 'qcow2',
        bytes: Math.max(bytes, outside.baseBytes ?? 0),
      };
    },
    remove: ({ path }) => rm(path, { force: true }),
    snapshots: part<Disks['snapshots']>({ fills: async () => new Map() }),
  });
}

function networkOf(outside: Outside): Network {
  return part<Network>({
    defaultMode: 'bridge',
    bind: async (_request, taken) => {
      const used = new Set(taken.flatMap(addressesOf));
      const last = Array.from({ length: 250 }, (_, index) => index + 2).find((n) => !used.has(`10.0.0.${n}`));
      return {
        mode: 'bridge',
        network: 'ign0',
        mac: '02:00:00:00:00:01',
        address: `10.0.0.${last}`,
        prefixLength: 24,
        gateway: '10.0.0.1',
        dns: [],
        mtu: 1500,
        ports: [],
      };
    },
    attach: async (nic, { slot, claims }) => {
      await claims.claim({ kind: 'tap', name: `tap${slot}` });
      await outside.attach();
      outside.taps.add(slot);
      await claims.made({ kind: 'tap', name: `tap${slot}` });
      return { kind: 'tap', netns: '/proc/self/ns/net', tap: '', bound: nic } as never; // only its place is asked for
    },
    detach: async (_nic, { slot, claims }) => {
      await outside.detach();
      outside.taps.delete(slot);
      await claims.gone({ kind: 'tap', name: `tap${slot}` });
    },
    observe: async (_nic, { slot }) => (outside.taps.has(slot) ? 'attached' : 'absent'),
    placeOf: (bound) => ({ kind: 'stream', bound }) as never,
    rebuild: async (nics) => outside.rebuilt?.(nics()),
    look: async () => [],
    rename: () => {},
    refresh: () => {},
    list: async () => [],
  });
}

/** A guest whose only file is its boot token, and whose agent does not answer. */
function guestWithoutAgent(): Guest {
  return {
    buildInitrd: ({ config, path }) => writeFile(path, config.bootToken),
    connect: async () => {
      throw new IgniteError('guest/unreachable', 'There is no agent');
    },
  };
}

/** Executes the stand-in under either name; its steps are the VM's kernel command line. */
function standInDriver(root: string, name: VmmDriver['name']): VmmDriver {
  const store = { load: async () => undefined, save: async () => {} };
  const qemu = createQemuDriver({ commands: hostCommands(), verdicts: store, architecture: 'x86_64' });
  return {
    ...qemu,
    name,
    probe: async () => ({
      usable: true,
      program: { binary: STAND_IN, version: '1', runtime: [] },
      accelerator: 'tcg',
    }),
    plan: ({ binary }, request) => ({
      machine: 'stand-in',
      argv: [
        '/bin/sh',
        '-c',
        `exec ${binary} ${CHANNELS.join(' ')} token=$(cat ${request.initrd}) ${request.cmdLine}`,
      ],
      env: { WORLD: root, PATH: '/usr/bin:/bin' },
      descriptors: [
        { fd: 3, kind: 'console' },
        { fd: 4, kind: 'facts' },
        { fd: 5, kind: 'link' },
        { fd: 6, kind: 'vmm' },
      ],
    }),
  };
}
