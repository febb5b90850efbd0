// What a VM uses: measured on the host by its control group, else by its processes; in the guest by the agent.
import { type GuestProcesses, IgniteError, type VmStats } from '@ignite/api';
import { networkUse, processUse } from '../host/index.ts';
import type { GuestStats } from '../guest/port.ts';
import type { SupervisorHandle } from '../supervisor/port.ts';
import { driverOf, openControl } from './connect/control.ts';
import type { LiveVm } from './live-vm.ts';
import type { Rooms } from './rooms.ts';
import { attachedNics } from './nic-place.ts';
import { openSession } from './connect/session.ts';
import { runningHandle } from './not-running.ts';

const AGENT_MS = 2_000;
const PROCESSES_MS = 10_000;

/** Measures once. @throws IgniteError `vm/not-running` */
export async function statsOf(vm: LiveVm, rooms: Rooms, signal: AbortSignal): Promise<VmStats> {
  const { metadata, spec } = vm.record;
  const handle = runningHandle(vm);
  const [host, guest, vmm, ownNetwork] = await Promise.all([
    hostUse(vm, handle, rooms),
    guestUse(vm, rooms, signal),
    vmmUse(vm, handle, rooms, signal),
    tapUse(vm, handle, rooms, signal),
  ]);
  const { network: guestNetwork, ...inside } = guest ?? {};
  const network = ownNetwork ?? guestNetwork;
  return {
    uid: metadata.uid,
    name: metadata.name,
    time: rooms.clock.now().toISOString(),
    cpus: spec.cpus,
    host: { ...host, memoryLimit: spec.memory },
    ...(guest === undefined ? {} : { guest: inside as Omit<GuestStats, 'network'> }),
    ...(vmm?.disk === undefined ? {} : { disk: vmm.disk }),
    ...(network === undefined ? {} : { network: { ...network, ...vmm?.network } }),
    ...(vmm?.exits === undefined ? {} : { exits: vmm.exits }),
  };
}

/** The processes of the guest. @throws IgniteError `vm/not-running`, `vm/paused`, `guest/…` */
export async function processesOf(vm: LiveVm, rooms: Rooms, signal: AbortSignal): Promise<GuestProcesses> {
  refusePaused(vm);
  const until = AbortSignal.any([signal, AbortSignal.timeout(PROCESSES_MS)]);
  return (await openSession(vm, rooms.guest, until)).processes(until);
}

/** A guest that is paused answers nothing: better said at once than after a deadline. */
export function refusePaused(vm: LiveVm): void {
  const { name } = vm.record.metadata;
  if (vm.diskFull)
    throw new IgniteError('vm/disk-full', `${name} is paused: the host has no room for what its guest wrote`);
  if (vm.paused) throw new IgniteError('vm/paused', `${name} is paused`);
}

async function hostUse(vm: LiveVm, handle: SupervisorHandle, rooms: Rooms) {
  const group = await rooms.cgroups.use(String(vm.record.bound.slot));
  return group ?? processUse([handle.process.pid, handle.status().vmmPid]);
}

async function guestUse(vm: LiveVm, rooms: Rooms, signal: AbortSignal): Promise<GuestStats | undefined> {
  if (vm.paused || vm.handle?.status().phase !== 'ready') return undefined;
  const until = AbortSignal.any([signal, AbortSignal.timeout(AGENT_MS)]);
  try {
    return await (await openSession(vm, rooms.guest, until)).stats(until);
  } catch {
    return undefined; // the agent's state shows it; the host's figures are useful on their own
  }
}

/** What its VMM counts: it is asked, or its supervisor adds up what it reports. */
interface VmmUse {
  readonly disk?: NonNullable<VmStats['disk']>;
  readonly network?: { readonly throttled: number };
  readonly exits?: number;
}

async function vmmUse(
  vm: LiveVm,
  handle: SupervisorHandle,
  rooms: Rooms,
  signal: AbortSignal,
): Promise<VmmUse | undefined> {
  if (driverOf(vm, rooms) === undefined) return undefined;
  const until = AbortSignal.any([signal, AbortSignal.timeout(AGENT_MS)]);
  try {
    const control = await openControl(vm, rooms, until);
    if (control.tellCounters !== undefined) return await countedUse(control.tellCounters, handle, until);
    const disk = await control.diskUse?.(until);
    return disk === undefined ? undefined : { disk };
  } catch {
    return undefined;
  }
}

async function countedUse(
  tell: (signal: AbortSignal) => Promise<void>,
  handle: SupervisorHandle,
  until: AbortSignal,
): Promise<VmmUse | undefined> {
  await tell(until);
  const seen = await handle.counters(until);
  if (seen === undefined) return undefined;
  const { diskRead: read, diskWritten: written, diskThrottled: throttled, networkThrottled, exits } = seen;
  return { disk: { read, written, throttled }, network: { throttled: networkThrottled }, exits };
}

/** The taps are in the namespace that the supervisor has joined; what a tap sends is what its guest receives. */
async function tapUse(
  vm: LiveVm,
  handle: SupervisorHandle,
  rooms: Rooms,
  signal: AbortSignal,
): Promise<VmStats['network']> {
  const { nics } = vm.record.bound;
  if (nics.every(({ mode }) => mode === 'user')) return undefined;
  const places = await attachedNics(vm, rooms, signal);
  const taps = places.flatMap((place) => (place.kind === 'tap' ? [place.tap] : []));
  if (taps.length === 0) return undefined;
  const seen = await networkUse(handle.process.pid, taps);
  return seen === undefined ? undefined : { received: seen.sent, sent: seen.received };
}
