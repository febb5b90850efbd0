// Who has which volume and which device open: two file systems that write one drive at once destroy it, and one that
// reads what another writes sees nonsense. Several VMs may read one drive.
import { IgniteError } from '@ignite/api';
import { driveName, type VmDrive, vmDrives } from './drives.ts';
import type { LiveVm } from './live-vm.ts';

/** A drive with the word that identifies its content among all drives. */
export interface KeyedDrive extends VmDrive {
  readonly key: string;
}

/** Key of a drive. Two names of one device have one number. @param numbers device numbers by path */
export function keyed(drive: VmDrive, numbers: ReadonlyMap<string, number>): KeyedDrive {
  const { source } = drive;
  if (source.kind === 'volume') return { ...drive, key: `volume ${source.uid}` };
  return { ...drive, key: `device ${numbers.get(source.path) ?? source.path}` };
}

/**
 * Looks up the device numbers of paths and does something with them. Whoever takes a drive while we look is looked at, too:
 * at the moment of `act`, which must not wait, every path that `paths` names has been looked at.
 * @param look the number of a path; undefined where it is no device
 */
export async function withDeviceNumbers<T>(
  paths: () => readonly string[],
  look: (path: string) => Promise<number | undefined>,
  act: (numbers: ReadonlyMap<string, number>) => T,
): Promise<T> {
  const numbers = new Map<string, number>();
  const looked = new Set<string>();
  for (;;) {
    const path = paths().find((one) => !looked.has(one));
    if (path === undefined) return act(numbers);
    const number = await look(path);
    if (number !== undefined) numbers.set(path, number);
    looked.add(path);
  }
}

/** VMs other than this one that have a drive open now. */
export function holdersOf(
  drive: KeyedDrive,
  vm: LiveVm,
  all: readonly LiveVm[],
  numbers: ReadonlyMap<string, number>,
): readonly { readonly vm: LiveVm; readonly readOnly: boolean }[] {
  return all
    .filter((other) => other !== vm && other.holdsDrives)
    .flatMap((other) =>
      vmDrives(other.record)
        .map((one) => keyed(one, numbers))
        .filter((one) => one.key === drive.key)
        .map(({ readOnly }) => ({ vm: other, readOnly })),
    );
}

/**
 * Takes all drives of a VM, or none: nothing else runs between the look and the taking.
 * @throws IgniteError `volumes/attached` naming who has it
 */
export function holdDrives(
  vm: LiveVm,
  drives: readonly KeyedDrive[],
  all: readonly LiveVm[],
  numbers: ReadonlyMap<string, number>,
): void {
  for (const drive of drives) {
    const holder = holdersOf(drive, vm, all, numbers).find((other) => !other.readOnly || !drive.readOnly);
    if (holder === undefined) continue;
    const { name } = holder.vm.record.metadata;
    const how = holder.readOnly ? 'read-only' : 'read-write';
    throw new IgniteError(
      'volumes/attached',
      `${driveName(drive.source)} is in use, ${how}, by the running VM ${name}`,
      { stage: 'volumes', details: { holder: name } },
    );
  }
  vm.holdsDrives = true;
}
