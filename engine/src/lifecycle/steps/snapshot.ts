// The root disk of a VM that is a snapshot of device-mapper. The device exists while the VM runs. It is claimed before it is
// made, so that it is removed after the end of the VM even if the daemon crashed.
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { giveTo } from '../../host/index.ts';
import { snapshotName } from '../snapshot-name.ts';
import type { StepContext } from './context.ts';

/** Makes the device and gives it to the VMM's user. False for a disk that is a file. */
export async function mapRoot(context: StepContext): Promise<boolean> {
  const { vm, rooms, journal, signal } = context;
  const snapshot = snapshotOf(context);
  if (snapshot === undefined) return false;
  const claim = { kind: 'dm', name: snapshot.name } as const;
  await journal.claim(claim);
  await rooms.disks.snapshots.map(snapshot, signal);
  await journal.made(claim);
  if (vm.record.bound.uid !== undefined)
    await giveTo(rooms.disks.snapshots.path(snapshot.name), vm.record.bound.uid);
  return true;
}

/** Where the device of the VM's disk is, links resolved; undefined for a disk that is a file. */
export async function mappedRoot(context: StepContext): Promise<string | undefined> {
  const snapshot = snapshotOf(context);
  return snapshot === undefined ? undefined : realpath(context.rooms.disks.snapshots.path(snapshot.name));
}

/** Removes the device of a run that has ended. */
export async function unmapRoot(context: StepContext): Promise<void> {
  const { vm, rooms, journal, signal } = context;
  const snapshot = snapshotOf(context);
  if (snapshot === undefined || !journal.live().some(({ kind }) => kind === 'dm')) return;
  await rooms.disks.snapshots.unmap(snapshot, signal);
  await journal.gone({ kind: 'dm', name: snapshot.name });
  vm.snapshot = undefined;
}

/** @throws IgniteError `start/failed` for a record that does not say what lies below it */
function snapshotOf({ vm, rooms, paths }: StepContext) {
  const { bound, metadata } = vm.record;
  const { disk } = bound;
  if (disk?.means !== 'device-mapper') return undefined;
  if (disk.backing === undefined)
    throw new IgniteError('start/failed', `The disk of ${metadata.name} does not say what lies below it`, {
      stage: 'disk',
    });
  const name = snapshotName(rooms.state.instance, metadata.uid);
  return { name, base: disk.backing, store: join(paths.directory, disk.path), bytes: disk.bytes };
}
