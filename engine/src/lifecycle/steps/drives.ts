// Volumes and block devices of a VM: taken before its VMM starts, given to the VMM's user, and taken back after it.
import { join } from 'node:path';
import { type Disk, diskFileName } from '../../disks/index.ts';
import { giveTo, hasErrno, lendDevice, lookAtDevice, returnDevice, takeBack } from '../../host/index.ts';
import { IgniteError } from '@ignite/api';
import type { LaunchDrive } from '../../vmm/index.ts';
import { type VmDrive, vmDrives } from '../drives.ts';
import { holdDrives, holdersOf, keyed, type KeyedDrive, withDeviceNumbers } from '../held-drives.ts';
import type { LiveVm } from '../live-vm.ts';
import { waitUntil } from '../wait.ts';
import type { StepContext } from './context.ts';

const ROOT_UID = 0;

/** Takes the VM's drives. @throws IgniteError `volumes/attached`, `volumes/device-…` */
export async function takeDrives(context: StepContext): Promise<void> {
  const { vm, rooms, all, signal } = context;
  const drives = vmDrives(vm.record);
  for (const { source } of drives) if (source.kind === 'device') await checkDevice(source.path, context);
  const starting = await withNumbers(drives, context, (numbers) => {
    const mine = drives.map((drive) => keyed(drive, numbers));
    holdDrives(vm, mine, all(), numbers);
    return startingHolders(mine, numbers, context);
  });
  for (const other of starting) await waitUntil(other, () => other.activity?.kind !== 'starting', signal);
  const { uid } = vm.record.bound;
  await context.owners(async () => {
    for (const { source } of drives) {
      if (source.kind === 'device') await lend(source.path, context);
      else if (uid !== undefined) await giveTo(rooms.volumes.path(source.uid), uid);
    }
  });
  for (const drive of drives) if (isOverlaid(drive, context)) await makeOverlay(drive, context);
}

/** Returns borrowed drives to their owners. What another VM has open, or has just taken, stays as that VM needs it. */
export async function giveDrivesBack(context: StepContext): Promise<void> {
  const { vm } = context;
  const drives = vmDrives(vm.record);
  await context.owners(() => giveOwnersBack(drives, context));
  for (const drive of drives) if (isOverlaid(drive, context)) await removeOverlay(drive, context);
  vm.holdsDrives = false;
}

/** On a read-only file system it stays: the next start replaces it. */
async function removeOverlay(drive: VmDrive, context: StepContext): Promise<void> {
  try {
    await context.rooms.disks.remove(overlay(drive, context));
  } catch (error) {
    if (!hasErrno(error, 'EROFS')) throw error;
  }
}

/** Runs alone in the queue of owners: a VM that takes a drive meanwhile gives it to its VMM after us. */
async function giveOwnersBack(drives: readonly VmDrive[], context: StepContext): Promise<void> {
  const { vm, rooms, all, journal } = context;
  const numbers = await withNumbers(drives, context, (found) => found);
  const shared = (drive: VmDrive) => holdersOf(keyed(drive, numbers), vm, all(), numbers).length > 0;
  for (const drive of drives) {
    const { source } = drive;
    if (source.kind === 'volume' && vm.record.bound.uid !== undefined && !shared(drive))
      await takeBack(rooms.volumes.path(source.uid));
  }
  for (const { kind, name, data } of journal.live().filter((claim) => claim.kind === 'device')) {
    const drive = drives.find(({ source }) => source.kind === 'device' && source.path === name);
    if (drive === undefined || !shared(drive)) await returnDevice(name, Number(data?.['uid'] ?? ROOT_UID));
    await journal.gone({ kind, name });
  }
}

/** What the VMM must know of them. */
export function launchDrives(context: StepContext): LaunchDrive[] {
  const { rooms } = context;
  return vmDrives(context.vm.record).map((drive) => {
    const { index, source, readOnly } = drive;
    if (source.kind === 'device') return { index, path: source.path, format: 'raw', readOnly, device: true };
    if (isOverlaid(drive, context))
      return {
        index,
        path: overlay(drive, context).path,
        format: OVERLAY,
        readOnly: false,
        backing: rooms.volumes.path(source.uid),
      };
    return { index, path: rooms.volumes.path(source.uid), format: 'raw', readOnly };
  });
}

const OVERLAY = 'qcow2';

/**
 * A volume that a killed VM left has a journal to be replayed, which mounting does, even read-only. What that writes
 * goes into an overlay of this run, as would what a guest writes that mounts it otherwise: the volume stays as it is.
 */
function isOverlaid({ source, readOnly }: VmDrive, { vm, rooms }: StepContext): boolean {
  const driver = rooms.drivers.find(({ name }) => name === vm.record.bound.driver);
  return readOnly && source.kind === 'volume' && driver?.capabilities.diskFormats.includes(OVERLAY) === true;
}

function overlay({ index }: VmDrive, { paths }: StepContext): Disk {
  const path = join(paths.directory, diskFileName(index, OVERLAY));
  return { path, format: OVERLAY, means: OVERLAY, bytes: 0 };
}

async function makeOverlay(drive: VmDrive, context: StepContext): Promise<void> {
  const { rooms, paths, vm, signal } = context;
  const { index, source } = drive;
  if (source.kind !== 'volume') return;
  await rooms.disks.remove(overlay(drive, context)); // of a run that ended on a read-only file system
  const base = rooms.volumes.path(source.uid);
  const { path } = await rooms.disks.create(
    { base, directory: paths.directory, index, bytes: 0, formats: [OVERLAY] },
    signal,
  );
  if (vm.record.bound.uid !== undefined) await giveTo(path, vm.record.bound.uid);
}

function othersDrives({ vm, all }: StepContext): readonly VmDrive[] {
  return all().flatMap((other) => (other !== vm && other.holdsDrives ? vmDrives(other.record) : []));
}

/** @param act at whose moment the numbers of what anybody holds are known */
function withNumbers<T>(
  drives: readonly VmDrive[],
  context: StepContext,
  act: (numbers: ReadonlyMap<string, number>) => T,
): Promise<T> {
  const paths = () =>
    [...drives, ...othersDrives(context)].flatMap(({ source }) =>
      source.kind === 'device' ? [source.path] : [],
    );
  return withDeviceNumbers(paths, async (path) => (await lookAtDevice(path))?.number, act);
}

async function checkDevice(path: string, { vm }: StepContext): Promise<void> {
  const facts = await lookAtDevice(path);
  const { name } = vm.record.metadata;
  if (facts === undefined)
    throw new IgniteError('volumes/device-missing', `${path}, a volume of ${name}, is no block device`, {
      stage: 'volumes',
    });
  if (facts.inUse)
    throw new IgniteError('volumes/device-mounted', `The device ${path} is in use by the host`, {
      stage: 'volumes',
    });
}

/** The device's file belongs to the VMM's user while it runs. Claimed with its owner, who gets it back after a crash, too. */
async function lend(path: string, context: StepContext): Promise<void> {
  const { journal, vm } = context;
  const { uid } = vm.record.bound;
  const facts = await lookAtDevice(path);
  if (uid === undefined || facts === undefined) return;
  const claim = { kind: 'device', name: path } as const;
  const owner = { uid: (await ownerInClaims(path, context)) ?? facts.uid };
  await journal.claim(claim, owner);
  await lendDevice(path, uid);
  await journal.made(claim, owner);
}

/** Who owned a device that is lent already: to an earlier run of this VM, or to another that reads it, too. */
async function ownerInClaims(path: string, { all, rooms }: StepContext): Promise<number | undefined> {
  for (const { record } of all()) {
    const { live } = await rooms.state.vms.journal(record.metadata.uid);
    const claim = live().find(({ kind, name }) => kind === 'device' && name === path);
    if (claim?.data !== undefined) return Number(claim.data['uid']);
  }
  return undefined;
}

/**
 * A file has one owner: a VM that shares one for reading with a VM that is starting waits until the VMM of that one has
 * opened it. They wait in the order in which they took it, so there is no deadlock.
 */
function startingHolders(
  drives: readonly KeyedDrive[],
  numbers: ReadonlyMap<string, number>,
  { vm, all }: StepContext,
): ReadonlySet<LiveVm> {
  return new Set(
    drives.flatMap((drive) =>
      holdersOf(drive, vm, all(), numbers)
        .map((holder) => holder.vm)
        .filter((other) => other.activity?.kind === 'starting'),
    ),
  );
}
