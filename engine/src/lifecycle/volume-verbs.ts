// The verbs on volumes: the room's own, joined with what VMs do with them.
import { IgniteError, type Volume, type VolumeRecord } from '@ignite/api';
import { API_VERSION } from '@ignite/api/limits';
import type { NewVolume, Volumes } from '../disks/index.ts';
import { isVolumeUsed, vmDrives } from './drives.ts';
import { growDrive } from './grow-drive.ts';
import type { LiveVm } from './live-vm.ts';
import type { Rooms } from './rooms.ts';

/** What others see of volumes. Words are exact names, UIDs, or beginnings of UIDs. */
export interface VolumeVerbs {
  list(): Promise<readonly Volume[]>;
  inspect(word: string): Promise<Volume>;
  create(request: NewVolume, signal: AbortSignal): Promise<Volume>;
  /** Enlarges a volume: at once in the VM that has it open for writing, else when it is next mounted for writing. */
  resize(word: string, bytes: number, signal: AbortSignal): Promise<Volume>;
  /** @throws IgniteError `volumes/in-use` naming the VMs, whether they run or not */
  remove(word: string): Promise<Volume>;
  /** Removes all that no VM names. */
  prune(keep: (volume: Volume) => boolean): Promise<readonly Volume[]>;
}

/** @param vms all VMs */
export function createVolumeVerbs(vms: () => readonly LiveVm[], rooms: Rooms): VolumeVerbs {
  const { volumes } = rooms;
  const describe = (record: VolumeRecord) => describeVolume(record, volumes, vms());
  const remove = async (record: VolumeRecord) => {
    const last = await describe(record);
    const users = usersOf(record, vms());
    if (users.length > 0)
      throw new IgniteError(
        'volumes/in-use',
        `The volume ${record.metadata.name} is in use by ${users.map((user) => user.name).join(', ')}`,
      );
    await volumes.remove(record.metadata.uid, (uid) => isVolumeUsed(uid, vms()));
    return last;
  };
  return {
    list: () => Promise.all(volumes.list().toSorted(byName).map(describe)),
    inspect: (word) => describe(volumes.get(word)),
    create: async (request, signal) => describe(await volumes.create(request, signal)),
    resize: async (word, bytes, signal) => {
      const grown = await volumes.grow(volumes.get(word).metadata.uid, bytes);
      for (const vm of vms()) await growAttached(vm, grown, rooms, signal);
      return describe(grown);
    },
    remove: async (word) => remove(volumes.get(word)),
    prune: async (keep) => {
      const removed: Volume[] = [];
      for (const record of volumes.list())
        if (usersOf(record, vms()).length === 0 && !keep(await describe(record)))
          removed.push(await remove(record));
      return removed;
    },
  };
}

function byName({ metadata: { name: a } }: VolumeRecord, { metadata: { name: b } }: VolumeRecord): number {
  return a < b ? -1 : 1;
}

async function growAttached(
  vm: LiveVm,
  volume: VolumeRecord,
  rooms: Rooms,
  signal: AbortSignal,
): Promise<void> {
  const drive = vmDrives(vm.record).find(
    ({ source }) => source.kind === 'volume' && source.uid === volume.metadata.uid,
  );
  if (drive === undefined || drive.readOnly || vm.handle === undefined) return;
  const mounted = drive.mountPath !== undefined;
  await growDrive(vm, rooms, { index: drive.index, bytes: volume.spec.size, mounted }, signal);
}

async function describeVolume(
  { metadata, spec }: VolumeRecord,
  volumes: Volumes,
  vms: readonly LiveVm[],
): Promise<Volume> {
  return {
    kind: 'Volume',
    apiVersion: API_VERSION,
    metadata,
    spec,
    status: {
      path: volumes.path(metadata.uid),
      allocated: await volumes.allocated(metadata.uid),
      usedBy: usersOf({ metadata }, vms),
    },
  };
}

function usersOf(
  { metadata }: Pick<VolumeRecord, 'metadata'>,
  vms: readonly LiveVm[],
): Volume['status']['usedBy'] {
  const users = vms.flatMap((vm) =>
    vmDrives(vm.record)
      .filter(({ source }) => source.kind === 'volume' && source.uid === metadata.uid)
      .map(({ mountPath, readOnly }) => ({
        uid: vm.record.metadata.uid,
        name: vm.record.metadata.name,
        ...(mountPath === undefined ? {} : { mountPath }),
        readOnly,
        running: vm.holdsDrives,
      })),
  );
  return users.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
