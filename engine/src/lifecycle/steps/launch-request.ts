// What a driver must know of a VM to start it: its drives, its NICs, its limits, and where its files lie.
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import type { KernelRecord } from '../../kernels/port.ts';
import type { AttachedNic } from '../../network/index.ts';
import type { LaunchDrive, LaunchNic, LaunchRequest, VmmChoice } from '../../vmm/index.ts';
import { diskLimits, nicBandwidth } from '../caps.ts';
import { MODULES_DRIVE, ROOT_DRIVE } from '../drives.ts';
import { filesDrive } from './files-archive.ts';
import { selfMetadata } from '../guest-setup/self-metadata.ts';
import type { StepContext } from './context.ts';
import { launchDrives } from './drives.ts';
import type { PreparedFolders } from './folders.ts';
import { mappedRoot } from './snapshot.ts';

const INITRD_FILE = 'initrd';
const JAIL_FOLDER = 'jail';

/** What of it was made or found for this start. */
interface Devices extends Pick<PreparedFolders, 'folders'> {
  readonly nics: readonly AttachedNic[];
  readonly drives: readonly LaunchDrive[];
}

/** Where the initrd of this start is. */
export function initrdPath({ paths }: StepContext): string {
  return join(paths.run, INITRD_FILE);
}

/** All that a driver's plan is made from. */
export function requestOf(
  context: StepContext,
  kernel: KernelRecord,
  choice: VmmChoice,
  { nics, drives, folders }: Devices,
): LaunchRequest {
  const { record } = context.vm;
  const { spec, bound } = record;
  const limits = diskLimits(spec);
  const joined = joinedNamespace(nics);
  const caps = choice.driver.capabilities.nicLimits === true;
  return {
    cpus: spec.cpus,
    memoryBytes: spec.memory,
    kernel,
    initrd: initrdPath(context),
    cmdLine: spec.kernel.cmdLine ?? '',
    drives,
    nics: nics.flatMap((nic, index) => {
      const bytesPerSecond = caps ? nicBandwidth(spec, index) : undefined;
      return launchNics(nic, joined).map((one) => (bytesPerSecond ? { ...one, bytesPerSecond } : one));
    }),
    accelerator: choice.accelerator,
    uuid: bound.uuid,
    metadata: selfMetadata(record),
    ...(limits === undefined ? {} : { diskLimits: limits }),
    ...(bound.uid === undefined
      ? {}
      : { jail: { root: join(context.paths.run, JAIL_FOLDER), uid: bound.uid } }),
    ...(folders.length === 0 ? {} : { folders }),
  };
}

/** The network namespace that the VMM runs in: of its first tap. */
export function joinedNamespace(nics: readonly AttachedNic[]): string | undefined {
  return nics.flatMap((nic) => ('netns' in nic ? [nic.netns] : []))[0];
}

/** What the VMM must know of a NIC. @param joined the namespace that it runs in */
function launchNics(nic: AttachedNic, joined: string | undefined): readonly LaunchNic[] {
  if (nic.kind === 'given') return nic.taps.map((tap) => ({ kind: 'tap', ...tap }));
  const { mac, mtu } = nic.bound;
  if (nic.kind === 'tap')
    return [{ kind: 'tap', tap: nic.tap, mac, mtu, ...(nic.netns === joined ? {} : { netns: nic.netns }) }];
  if (nic.kind === 'program') return [{ kind: 'stream', mac, mtu }];
  const { address, gateway, ports } = nic.bound;
  const [dns = gateway] = nic.bound.dns;
  return [{ kind: 'built-in', mac, mtu, subnet: nic.subnet, address, gateway, dns, ports }];
}

/** Its root, the kernel's modules, the volumes, and files that its first boot unpacks. */
export async function drivesOf(context: StepContext, kernel: KernelRecord): Promise<LaunchDrive[]> {
  const { path, format } = rootDisk(context);
  const [backing, device] = [await backingOf(context), await mappedRoot(context)];
  const root: LaunchDrive = {
    index: ROOT_DRIVE,
    path: device ?? path,
    format,
    readOnly: false,
    ...(device === undefined ? {} : { device: true }),
    ...(backing === undefined ? {} : { backing }),
  };
  const modules: LaunchDrive[] =
    kernel.modulesDrive === undefined
      ? []
      : [{ index: MODULES_DRIVE, path: kernel.modulesDrive, format: 'raw', readOnly: true, shared: true }];
  const files = await filesDrive(context);
  const others = launchDrives(context).map(async (drive) => ({ ...drive, path: await realpath(drive.path) }));
  return [root, ...modules, ...(await Promise.all(others)), ...files]; // a jail is given files, no links to them
}

/** Records of earlier versions do not say it: their image's base was always the one. */
async function backingOf({ vm, rooms }: StepContext): Promise<string | undefined> {
  const { disk, imageUid } = vm.record.bound;
  if (disk?.means !== 'qcow2') return undefined;
  return disk.backing ?? (await rooms.images.find(imageUid))?.base.path;
}

/** Path and format of its root. @throws IgniteError `start/failed` where its making did not get so far */
export function rootDisk({ vm, paths }: StepContext) {
  const { disk } = vm.record.bound;
  if (disk === undefined)
    throw new IgniteError('start/failed', `${vm.record.metadata.name} has no disk`, { stage: 'disk' });
  return { path: join(paths.directory, disk.path), format: disk.format };
}
