// The drives of a VM other than its root and the kernel's modules: bound when the VM is made, and kept from then on.
import type { BoundDrive, VmRecord, VmSpec } from '@ignite/api';
import { LIMITS } from '@ignite/api/limits';

/** Fixed indexes of drives (D14): the same in every VM. */
export const ROOT_DRIVE = 0;
export const MODULES_DRIVE = 1;
/** Volumes follow in the order of the spec, as in the original. */
const FIRST_VOLUME_DRIVE = 2;
/** Behind all volumes; there until a VM has come up once. */
export const FILES_DRIVE = FIRST_VOLUME_DRIVE + LIMITS.volumes;

/** What holds the bytes of a drive. */
type DriveSource =
  | { readonly kind: 'volume'; readonly name: string; readonly uid: string }
  | { readonly kind: 'device'; readonly path: string };

export interface VmDrive {
  readonly index: number;
  readonly source: DriveSource;
  /** Absent: the guest sees the drive and mounts nothing. */
  readonly mountPath?: string;
  readonly readOnly: boolean;
}

/** Drives that a spec names. @param uids of its named volumes, by name */
export function bindDrives(spec: VmSpec, uids: ReadonlyMap<string, string>): readonly BoundDrive[] {
  const { volumes = [], volumeMounts = [] } = spec.storage ?? {};
  return volumes.flatMap(({ name, blockDevice, volume }, position): BoundDrive[] => {
    const mount = volumeMounts.find((one) => one.name === name);
    const common = {
      index: FIRST_VOLUME_DRIVE + position,
      ...(mount === undefined ? {} : { mountPath: mount.mountPath }),
      readOnly: mount?.readOnly === true,
    };
    if (blockDevice !== undefined) return [{ ...common, device: blockDevice.path }];
    const uid = volume === undefined ? undefined : uids.get(volume.name);
    return volume === undefined || uid === undefined
      ? []
      : [{ ...common, volume: { name: volume.name, uid } }];
  });
}

/** The drives that a VM has, or had when it ran last: a changed spec shows in them from the next start on. */
export function vmDrives({ bound }: Pick<VmRecord, 'bound'>): readonly VmDrive[] {
  return (bound.drives ?? []).flatMap(({ device, volume, ...common }): VmDrive[] => {
    if (device !== undefined) return [{ ...common, source: { kind: 'device', path: device } }];
    return volume === undefined ? [] : [{ ...common, source: { kind: 'volume', ...volume } }];
  });
}

/** Whether one of these VMs has a volume, running or not. */
export function isVolumeUsed(uid: string, vms: readonly { readonly record: VmRecord }[]): boolean {
  return vms.some(({ record }) =>
    vmDrives(record).some(({ source }) => source.kind === 'volume' && source.uid === uid),
  );
}

/** What a drive is called in messages. */
export function driveName(source: DriveSource): string {
  return source.kind === 'volume' ? `The volume ${source.name}` : `The device ${source.path}`;
}
