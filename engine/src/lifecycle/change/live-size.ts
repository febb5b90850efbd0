// What of a VM's size and caps can change while it runs.
import { join } from 'node:path';
import { isIgniteError, type VmRecord } from '@ignite/api';
import { stateFile } from '../../state/index.ts';
import { diskLimits, nicBandwidth } from '../caps.ts';
import { driverOf, openControl } from '../connect/control.ts';
import { ROOT_DRIVE } from '../drives.ts';
import { growDrive } from '../grow-drive.ts';
import type { LiveVm } from '../live-vm.ts';
import { attachedNics } from '../nic-place.ts';
import type { Rooms } from '../rooms.ts';
import { limitGroup, limitNics } from '../steps/caps.ts';

const DEADLINE_MS = 10_000;
const GROUP: readonly string[] = ['spec.resources.cpuLimit', 'spec.resources.pids'];
const DISKS: readonly string[] = ['spec.resources.diskIops', 'spec.resources.diskBandwidth'];
const NICS = 'spec.resources.networkBandwidth';

/**
 * Brings the changed caps of a running VM to what its next record says.
 * @returns paths that hold now; the others wait for the next start
 */
export async function applyCaps(
  vm: LiveVm,
  next: VmRecord,
  paths: readonly string[],
  rooms: Rooms,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (vm.handle === undefined) return [];
  const journal = await rooms.state.vms.journal(vm.record.metadata.uid);
  const context = { vm: { ...vm, record: next }, rooms, journal, signal };
  const done: string[] = [];
  const group = paths.filter((path) => GROUP.includes(path));
  // The guest keeps the memory it has, and its VMM the limit that goes with it.
  if (group.length > 0) await limitGroup(context, ['cpu', 'pids']);
  done.push(...group);
  if (paths.includes(NICS)) {
    await changeNics(context, signal);
    done.push(NICS);
  }
  const disks = paths.filter((path) => DISKS.includes(path));
  if (disks.length > 0 && (await limitDisks(vm, next, rooms, signal))) done.push(...disks);
  return done;
}

async function changeNics(context: Parameters<typeof limitNics>[0], signal: AbortSignal): Promise<void> {
  const { vm, rooms, journal } = context;
  const { spec } = vm.record;
  const places = await attachedNics(vm, rooms, signal);
  await rooms.rates.unlimit(journal, signal);
  await limitNics(context, places);
  if (driverOf(vm, rooms)?.capabilities.nicLimits !== true) return;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const control = await openControl(vm, rooms, deadline);
  const caps = places.flatMap((nic, index) => {
    const taps = nic.kind === 'given' ? nic.taps.length : 1;
    return Array.from({ length: taps }, () => nicBandwidth(spec, index));
  });
  await control.limitNics?.(caps, deadline);
}

/** False where the VMM cannot, or was started without caps. */
async function limitDisks(vm: LiveVm, next: VmRecord, rooms: Rooms, signal: AbortSignal): Promise<boolean> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  try {
    const control = await openControl(vm, rooms, deadline);
    if (control.limitDisks === undefined) return false;
    await control.limitDisks(diskLimits(next.spec) ?? {}, deadline);
    return true;
  } catch (error) {
    if (!isIgniteError(error, 'vmm/control-failed')) throw error;
    return false;
  }
}

/** Makes the root disk of a running VM as large as its spec says. @returns the updated record */
export async function applyDisk(vm: LiveVm, rooms: Rooms, signal: AbortSignal): Promise<VmRecord> {
  const { record } = vm;
  const { disk } = record.bound;
  if (disk === undefined) return record;
  const bytes = record.spec.diskSize;
  // Firecracker only looks at its file again. The header of a qcow2 disk is its VMM's while that runs.
  const path = join(stateFile(rooms.state.root, 'vm', { uid: record.metadata.uid }), disk.path);
  if (disk.format === 'raw' && bytes > disk.bytes) await rooms.disks.grow({ ...disk, path }, bytes, signal);
  await growDrive(vm, rooms, { index: ROOT_DRIVE, bytes, mounted: true }, signal);
  return { ...record, bound: { ...record.bound, disk: { ...disk, bytes } } };
}
