// Firecracker's configuration file: all that is set before the boot, so that a start needs no call over its API
// (docs/getting-started of Firecracker, "Configuring the microVM without sending API requests"; fields as in its API).
import type { LaunchDrive, LaunchNic, LaunchRequest } from '../port.ts';
import { driveLimiter, nicLimiter } from './limiters.ts';
import { type FirecrackerVersion, takesMtu } from './versions.ts';

/** Names inside the jail, the same in every VM (D14). */
export const KERNEL_PATH = '/kernel';
export const INITRD_PATH = '/initrd';
export const VSOCK_PATH = '/run/guest.sock';

/** Only the guest sees it: every VM has a vsock of its own. 0 to 2 have a meaning (vsock(7)). */
const GUEST_CID = 3;
const MEBIBYTE = 1 << 20;

/**
 * Words every boot needs, before the user's own. `reboot=k`: Firecracker ends when the guest resets the CPU by the
 * keyboard controller, and has no power off. The i8042 words spare probes of what is not there.
 */
const KERNEL_WORDS = [
  ...['console=ttyS0', 'reboot=k', 'panic=-1', 'quiet', 'loglevel=4', 'net.ifnames=0'],
  ...['8250.nr_uarts=1', 'i8042.noaux', 'i8042.nomux', 'i8042.nopnp', 'i8042.dumbkbd', 'cryptomgr.notests'],
];

/** The path of a drive inside the jail. */
export function drivePath(index: number): string {
  return `/disks/${index}`;
}

/** The id of a drive in calls and in the configuration: letters, digits, underscore. */
export function driveId(index: number): string {
  return `drive${index}`;
}

/** Whether a drive of that id has its share of the VM's caps. */
export function isCapped(id: string): boolean {
  return id.startsWith('drive');
}

/** The id of a NIC in calls and in the configuration. */
export function nicId(index: number): string {
  return `eth${index}`;
}

/** The JSON of the configuration file. */
export function firecrackerConfiguration(request: LaunchRequest, version: FirecrackerVersion): object {
  const words = [...KERNEL_WORDS, ...request.cmdLine.split(/\s+/).filter((word) => word !== '')];
  return {
    'boot-source': { kernel_image_path: KERNEL_PATH, initrd_path: INITRD_PATH, boot_args: words.join(' ') },
    'machine-config': {
      vcpu_count: request.cpus,
      mem_size_mib: Math.floor(request.memoryBytes / MEBIBYTE),
      smt: false,
      track_dirty_pages: false,
    },
    drives: request.drives.map((one) => drive(one, request)),
    'network-interfaces': request.nics.flatMap((nic, index) => networkInterface(nic, index, version)),
    ...metadataService(request),
    vsock: { guest_cid: GUEST_CID, uds_path: VSOCK_PATH },
    entropy: {},
    balloon: { amount_mib: 0, deflate_on_oom: true, stats_polling_interval_s: 0 },
  };
}

/** `Writeback`: a flush of the guest reaches the disk (D6); Firecracker's own default ignores it. */
function drive({ index, readOnly, shared = false }: LaunchDrive, request: LaunchRequest): object {
  const { diskLimits, drives } = request;
  const own = drives.filter((one) => one.shared !== true).length;
  const caps = shared || diskLimits === undefined ? {} : { rate_limiter: driveLimiter(diskLimits, own) };
  return {
    ...caps,
    drive_id: shared ? `shared${index}` : driveId(index),
    path_on_host: drivePath(index),
    is_root_device: false,
    is_read_only: readOnly,
    cache_type: 'Writeback',
    io_engine: 'Sync',
  };
}

function networkInterface(nic: LaunchNic, index: number, version: FirecrackerVersion): object[] {
  if (nic.kind !== 'tap') return []; // the choice has passed over Firecracker, or refused it
  const mtu = takesMtu(version) ? { mtu: nic.mtu } : {};
  const limiter = nic.bytesPerSecond === undefined ? undefined : nicLimiter(nic.bytesPerSecond);
  const caps = limiter === undefined ? {} : { rx_rate_limiter: limiter, tx_rate_limiter: limiter };
  return [{ iface_id: nicId(index), host_dev_name: nic.tap, guest_mac: nic.mac, ...mtu, ...caps }];
}

/** Its service for metadata, at 169.254.169.254 on every NIC; V2 wants a token, so that no page fetched by accident reads it. */
function metadataService({ metadata, nics }: LaunchRequest): object {
  if (metadata === undefined || nics.length === 0) return {};
  return { 'mmds-config': { version: 'V2', network_interfaces: nics.map((_, index) => nicId(index)) } };
}
