// The command line of Cloud Hypervisor: all of a VM that is set before its boot, so that a start needs no call of its
// API, and NICs are descriptors, which its API takes over no pipe (its docs/api.md and `--help`, versions 51 to 53).
import type { DiskLimits, LaunchDrive, LaunchNic, LaunchRequest, VmmProgram } from '../port.ts';
import { uuidWord } from './versions.ts';

/** Names inside the jail, the same in every VM (D14). */
export const KERNEL_PATH = '/kernel';
export const INITRD_PATH = '/initrd';
const RUN_FOLDER = '/run';
export const VSOCK_PATH = '/run/guest.sock';
export const API_PATH = '/run/api.sock';

/** Descriptors below 3 are refused for NICs; 0 and 1 are the console, 2 the log. */
export const FIRST_NIC_FD = 3;

/** Only the guest sees it: every VM has a vsock of its own. 0 to 2 have a meaning (vsock(7)). */
const GUEST_CID = 3;

/** Every disk is a member: caps are on what all do together. */
const LIMITS_GROUP = 'disks';

/** A bucket is filled once a second, so that its size is the rate. */
const REFILL_MS = 1000;

/**
 * Words every boot needs, before the user's own. A reset starts the guest again within the same process; ignite-spawn
 * ends it then.
 */
const KERNEL_WORDS = [
  ...['reboot=k', 'panic=-1', 'quiet', 'loglevel=4', 'net.ifnames=0'],
  ...['8250.nr_uarts=1', 'cryptomgr.notests'],
];

/** The path of a drive inside the jail. */
export function drivePath(index: number): string {
  return `/disks/${index}`;
}

/** The id of a drive in calls. */
export function driveId(index: number): string {
  return `drive${index}`;
}

/** The words behind the program's name. */
export function cloudHypervisorWords(
  request: LaunchRequest,
  { version, landlock = false }: Pick<VmmProgram, 'version' | 'landlock'>,
): string[] {
  return [
    ...['--api-socket', `path=${API_PATH}`, '--seccomp', 'true'],
    ...(landlock ? ['--landlock', '--landlock-rules', options({ path: RUN_FOLDER, access: 'rw' })] : []),
    ...['--cpus', `boot=${request.cpus}`, '--memory', `size=${request.memoryBytes}`],
    ...['--platform', options({ [uuidWord(version)]: request.uuid })],
    ...['--kernel', KERNEL_PATH, '--initramfs', INITRD_PATH, '--cmdline', commandLine(request)],
    ...['--serial', 'tty', '--console', 'off', '--rng', 'src=/dev/urandom'],
    ...['--balloon', options({ size: 0, deflate_on_oom: true, free_page_reporting: true })],
    ...['--vsock', options({ cid: GUEST_CID, socket: VSOCK_PATH })],
    ...limits(request.diskLimits),
    ...request.drives.flatMap((one) => ['--disk', drive(one, request.diskLimits !== undefined)]),
    ...request.nics.flatMap(nic),
  ];
}

/** Its serial line is a PL011 on arm64. */
function commandLine({ kernel, cmdLine }: LaunchRequest): string {
  const console = kernel.architecture === 'arm64' ? 'console=ttyAMA0' : 'console=ttyS0';
  return [console, ...KERNEL_WORDS, ...cmdLine.split(/\s+/).filter((word) => word !== '')].join(' ');
}

function drive({ index, readOnly }: LaunchDrive, capped: boolean): string {
  return options({
    path: drivePath(index),
    readonly: readOnly,
    image_type: 'raw',
    serial: `ign${index}`,
    id: driveId(index),
    ...(capped ? { rate_limit_group: LIMITS_GROUP } : {}),
  });
}

function limits(caps: DiskLimits | undefined): string[] {
  if (caps === undefined) return [];
  const { iops, bytesPerSecond } = caps;
  const group = {
    ...(bytesPerSecond === undefined ? {} : { bw_size: bytesPerSecond, bw_refill_time: REFILL_MS }),
    ...(iops === undefined ? {} : { ops_size: iops, ops_refill_time: REFILL_MS }),
  };
  return ['--rate-limit-group', options({ ...group, id: LIMITS_GROUP })];
}

/** The guest is given the tap's MTU. Setting it, as `mtu` would, takes a capability that the VMM lacks. */
function nic(nic: LaunchNic, index: number): string[] {
  return ['--net', options({ fd: FIRST_NIC_FD + index, mac: nic.mac, id: `eth${index}` })];
}

/** No value of ours holds a comma, a quote or a bracket, which mean something here. */
function options(pairs: Readonly<Record<string, string | number | boolean>>): string {
  const word = (value: string | number | boolean) =>
    typeof value === 'boolean' ? (value ? 'on' : 'off') : value;
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${word(value)}`)
    .join(',');
}
