// One look at the host for one VM.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../host/index.ts';
import { hasRunFiles, type Journal } from '../state/index.ts';
import type { ExitRecord } from '../supervisor/port.ts';
import { claimedContainers } from './container.ts';
import type { VmFacts } from './steps/facts.ts';
import { isEndRecorded } from './last-run.ts';
import type { LiveVm } from './live-vm.ts';
import type { Goal } from './steps/planner.ts';
import type { Rooms, VmPaths } from './rooms.ts';

interface ObserveInput {
  readonly rooms: Rooms;
  readonly paths: VmPaths;
  readonly journal: Journal;
  readonly signal: AbortSignal;
}

/** What the host says of a VM now. Changes nothing. @param goal what the facts are for */
export async function observe(
  vm: LiveVm,
  { kind: goal }: Goal,
  { rooms, paths, journal, signal }: ObserveInput,
): Promise<VmFacts> {
  const { handle } = vm;
  const running = handle !== undefined && isAlive(handle.process);
  const unrecordedEnd = running ? undefined : await findUnrecordedEnd(vm, rooms, paths);
  return {
    disk: (await exists(diskPath(vm, paths))) ? 'present' : 'absent',
    network: claimedNetwork(vm, { goal, running, journal }) ?? (await observeNetwork(vm, rooms, signal)),
    supervisor: running ? 'running' : 'absent',
    phase: running ? handle.status().phase : 'none',
    ...(unrecordedEnd === undefined ? {} : { unrecordedEnd }),
    leftovers: !running && (vm.holdsDrives || (await hasLeftovers(vm, rooms, journal))),
  };
}

/** Files of a run, its container, a device of the host that was lent to it, or its disk by device-mapper. */
async function hasLeftovers({ record }: LiveVm, { state }: Rooms, journal: Journal): Promise<boolean> {
  return (
    journal.live().some(({ kind }) => kind === 'device' || kind === 'dm') ||
    claimedContainers(journal).length > 0 ||
    hasRunFiles(state, record.bound.slot)
  );
}

/** What the network room claims. */
const NETWORK_KINDS: ReadonlySet<string> = new Set(['tap', 'rules', 'netns', 'cni', 'container']);

/** What needs no look, see VmFacts; undefined where it does. What was never claimed in this boot was never made. */
function claimedNetwork(
  { record }: LiveVm,
  { goal, running, journal }: { goal: Goal['kind']; running: boolean; journal: Journal },
): VmFacts['network'] | undefined {
  if (record.bound.nics.length === 0) return 'none';
  if (!journal.live().some(({ kind }) => NETWORK_KINDS.has(kind))) return 'absent';
  if (running) return 'attached';
  return goal === 'running' ? undefined : 'partial';
}

async function observeNetwork(vm: LiveVm, rooms: Rooms, signal: AbortSignal): Promise<VmFacts['network']> {
  const { bound, metadata } = vm.record;
  const seen = await Promise.all(
    bound.nics.map((nic, index) =>
      rooms.network.observe(nic, { slot: bound.slot, nic: index, vmUid: metadata.uid }, signal),
    ),
  );
  const [first = 'absent'] = seen;
  return seen.every((one) => one === first) ? first : 'partial';
}

/** A run was started and its end is not in the record yet. */
async function findUnrecordedEnd(
  vm: LiveVm,
  rooms: Rooms,
  paths: VmPaths,
): Promise<ExitRecord | 'lost' | undefined> {
  const { lastStart, lastEnd } = vm.record.history;
  if (lastStart === undefined) return undefined;
  // If its exit record could not be written, as on a read-only file system, its last status line says the same.
  const exit = (await rooms.supervisor.readExit(paths.directory)) ?? vm.handle?.status().exit;
  if (exit !== undefined) return lastEnd?.at === exit.endedAt ? undefined : exit;
  return isEndRecorded(vm.record.history) ? undefined : 'lost';
}

function diskPath(vm: LiveVm, paths: VmPaths): string | undefined {
  const { disk } = vm.record.bound;
  return disk === undefined ? undefined : join(paths.directory, disk.path);
}

async function exists(path: string | undefined): Promise<boolean> {
  if (path === undefined) return false;
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
