// The QEMU command line of a VM, as a pure function. Every device has a fixed place, so that two boots of one VM
// and a boot after an upgrade look the same to the guest. Options: qemu-system-x86_64(1), QEMU 7.2.
import type { LaunchDescriptor } from '../../supervisor/port.ts';
import type { PortMapping } from '../../network/port.ts';
import type { DiskLimits, LaunchDrive, LaunchNic, LaunchPlan, LaunchRequest, VmmProgram } from '../port.ts';
import { qemuJail } from './jail.ts';
import {
  CHANNELS_SLOT,
  driveSlot,
  ENTROPY_SLOT,
  type Machine,
  machineOf,
  nicSlot,
  traitsOf,
  virtio,
} from './machine.ts';

/** Descriptors handed over by the supervisor; 0–2 are null and the log. NICs follow from FIRST_NIC_FD. */
const CONSOLE_FD = 3;
const FACTS_FD = 4;
const LINK_FD = 5;
const QMP_FD = 6;
const FIRST_NIC_FD = 7;

/** Name of the channel to the agent, as QMP calls it. */
export const LINK_CHARDEV = 'link';

/** Bound of TCG's translation buffer in MiB; the default is an eighth of the host's memory. */
const TRANSLATION_BUFFER_MIB = 32;

/**
 * Words every boot needs, before the user's own so that a user's word wins where the kernel takes the last. NICs keep
 * the names eth0, eth1, … in every guest, whatever its udev would call them.
 */
const KERNEL_WORDS = ['panic=-1', 'quiet', 'loglevel=4', 'net.ifnames=0'];

/** What ignite-spawn must execute for a VM under QEMU. */
export function qemuPlan(program: VmmProgram, asked: LaunchRequest): LaunchPlan {
  const { request, ...jailed } = qemuJail(program, asked);
  const machine = machineOf(request);
  const capped = request.diskLimits !== undefined;
  return {
    ...jailed,
    machine,
    argv: [
      program.binary,
      ...hardware(request, machine),
      ...boot(request, machine, program.tscKhz),
      ...console_(),
      ...guestChannels(machine),
      ...diskCaps(request.diskLimits),
      ...request.drives.flatMap((one, position) => drive(one, machine, driveSlot(position), capped)),
      ...request.nics.flatMap((one, index) => nic(one, index, machine, nicSlot(request, index))),
      ...folders(request),
      ...sandbox(),
    ],
    env: {},
    descriptors: descriptors(request),
  };
}

function hardware(request: LaunchRequest, machine: Machine): string[] {
  const { words, cpu } = traitsOf(machine);
  return [
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-no-reboot', // one VMM process is one boot (DESIGN D4)
    ...words,
    '-accel',
    request.accelerator === 'kvm' ? 'kvm' : `tcg,thread=multi,tb-size=${TRANSLATION_BUFFER_MIB}`,
    '-cpu',
    cpu[request.accelerator],
    '-smp',
    String(request.cpus),
    '-m',
    `${mebibytes(request)}M`,
    '-uuid',
    request.uuid,
    '-rtc',
    'base=utc,clock=host',
  ];
}

function boot(request: LaunchRequest, machine: Machine, tscKhz: number | undefined): string[] {
  const rate = tscKhz === undefined ? [] : [`tsc_early_khz=${tscKhz}`];
  const { console, resetWords, emulationWords } = traitsOf(machine);
  const words = [
    `console=${console}`,
    ...KERNEL_WORDS,
    ...resetWords,
    ...(request.accelerator === 'tcg' ? [...emulationWords, ...rate] : []),
    ...request.cmdLine.split(/\s+/).filter((word) => word !== ''),
  ];
  return ['-kernel', request.kernel.vmlinux, '-initrd', request.initrd, '-append', words.join(' ')];
}

function console_(): string[] {
  return ['-chardev', `socket,id=console,fd=${CONSOLE_FD}`, '-serial', 'chardev:console'];
}

function guestChannels(machine: Machine): string[] {
  return [
    '-device',
    virtio(machine, 'virtio-serial', CHANNELS_SLOT, 'id=channels,max_ports=4'),
    '-chardev',
    `socket,id=facts,fd=${FACTS_FD}`,
    '-device',
    'virtserialport,bus=channels.0,nr=1,chardev=facts,name=org.ignite.facts',
    '-chardev',
    `socket,id=${LINK_CHARDEV},fd=${LINK_FD}`,
    '-device',
    // A port with an id: QEMU reports when the guest opens or closes it.
    `virtserialport,id=agent,bus=channels.0,nr=2,chardev=${LINK_CHARDEV},name=org.ignite.link`,
    '-chardev',
    `socket,id=qmp,fd=${QMP_FD}`,
    '-mon',
    'chardev=qmp,mode=control',
    '-object',
    'rng-random,id=entropy,filename=/dev/urandom',
    '-device',
    virtio(machine, 'virtio-rng', ENTROPY_SLOT, 'rng=entropy'),
  ];
}

/** The group whose caps all drives share. */
export const LIMITS_OBJECT = 'disk-limits';

/** QEMU's words for caps (qapi/qom.json, ThrottleLimits). Zero is no cap. */
export function throttleLimits({ iops = 0, bytesPerSecond = 0 }: DiskLimits) {
  return { 'iops-total': iops, 'bps-total': bytesPerSecond };
}

function diskCaps(limits: DiskLimits | undefined): string[] {
  if (limits === undefined) return [];
  const object = { 'qom-type': 'throttle-group', id: LIMITS_OBJECT, limits: throttleLimits(limits) };
  return ['-object', JSON.stringify(object)];
}

/** The node named `drive<i>` is the uppermost: the one that is resized and that the guest's device reads. */
function drive(drive: LaunchDrive, machine: Machine, slot: number, capped: boolean): string[] {
  const top = `drive${drive.index}`;
  const format = capped ? `${top}-format` : top;
  const base = drive.backing === undefined ? '' : `,backing=${top}-base`;
  return [
    ...(drive.backing === undefined
      ? []
      : blockNodes(`${top}-base`, { format: 'raw', path: drive.backing, readOnly: true })),
    ...blockNodes(format, drive, base),
    ...(capped
      ? [
          '-blockdev',
          `driver=throttle,node-name=${top},throttle-group=${LIMITS_OBJECT},file=${format},${options(drive)}`,
        ]
      : []),
    '-device',
    virtio(machine, 'virtio-blk', slot, `drive=${top},serial=ign${drive.index}`),
  ];
}

/** The backing file is named here: the guest's disk is written by others, who could change the name in its header. */
function blockNodes(node: string, from: Omit<LaunchDrive, 'index'>, more = ''): string[] {
  const driver = from.device === true ? 'host_device' : 'file';
  return [
    '-blockdev',
    `driver=${driver},node-name=${node}-file,filename=${commaEscaped(from.path)},${options(from)}`,
    '-blockdev',
    `driver=${from.format},node-name=${node},file=${node}-file,${options(from)}${more}`,
  ];
}

function options({ readOnly }: Pick<LaunchDrive, 'readOnly'>): string {
  return `read-only=${readOnly ? 'on' : 'off'},discard=unmap`;
}

function nic(nic: LaunchNic, index: number, machine: Machine, slot: number): string[] {
  const rom = machine === 'q35' ? ',romfile=' : ''; // only PCI has one
  return [
    '-netdev',
    backend(nic, index),
    '-device',
    virtio(machine, 'virtio-net', slot, `netdev=nic${index},mac=${nic.mac},host_mtu=${nic.mtu}${rom}`),
  ];
}

/** Shared folders need memory that their programs can map (QEMU docs, system/devices/vhost-user.rst). */
function folders(request: LaunchRequest): string[] {
  const { folders = [] } = request;
  if (folders.length === 0) return [];
  return [
    '-object',
    `memory-backend-memfd,id=memory,size=${mebibytes(request)}M,share=on`,
    '-machine',
    'memory-backend=memory',
    ...folders.flatMap(({ tag }, index) => [
      '-chardev',
      `socket,id=folder${index},fd=${folderFd(request, index)}`,
      '-device',
      `vhost-user-fs-pci,chardev=folder${index},tag=${tag}`,
    ]),
  ];
}

function folderFd(request: LaunchRequest, index: number): number {
  return FIRST_NIC_FD + request.nics.length + index;
}

function mebibytes({ memoryBytes }: LaunchRequest): number {
  return Math.floor(memoryBytes / (1 << 20));
}

function backend(nic: LaunchNic, index: number): string {
  const fd = FIRST_NIC_FD + index;
  if (nic.kind === 'tap') return `tap,id=nic${index},fd=${fd}`;
  // `stream` (QEMU 7.2) speaks the same form; `socket` takes a descriptor in older ones, too.
  if (nic.kind === 'stream') return `socket,id=nic${index},fd=${fd}`;
  const { subnet, gateway, dns } = nic;
  const words = ['user', `id=nic${index}`, 'ipv4=on', 'ipv6=off', `net=${subnet}`, `host=${gateway}`];
  return [...words, `dns=${dns}`, ...nic.ports.map((port) => forward(port, nic.address))].join(',');
}

/** `hostfwd=tcp:127.0.0.1:8080-10.0.2.15:80` */
function forward({ protocol, bindAddress = '', hostPort, vmPort }: PortMapping, address: string): string {
  return `hostfwd=${protocol}:${bindAddress}:${hostPort}-${address}:${vmPort}`;
}

function sandbox(): string[] {
  return ['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'];
}

function descriptors(request: LaunchRequest): LaunchDescriptor[] {
  return [
    { fd: CONSOLE_FD, kind: 'console' },
    { fd: FACTS_FD, kind: 'facts' },
    { fd: LINK_FD, kind: 'link' },
    { fd: QMP_FD, kind: 'vmm' },
    ...request.nics.flatMap((nic, index) => nicDescriptor(nic, FIRST_NIC_FD + index)),
    ...(request.folders ?? []).map(
      ({ source, target, readOnly }, index): LaunchDescriptor => ({
        fd: folderFd(request, index),
        kind: 'share',
        source,
        target,
        readOnly,
      }),
    ),
  ];
}

function nicDescriptor(nic: LaunchNic, fd: number): LaunchDescriptor[] {
  if (nic.kind === 'tap')
    return [{ fd, kind: 'tap', tap: nic.tap, ...(nic.netns === undefined ? {} : { netns: nic.netns }) }];
  return nic.kind === 'stream' ? [{ fd, kind: 'net' }] : [];
}

/** In QEMU's option strings a comma inside a value is doubled. */
function commaEscaped(value: string): string {
  return value.replaceAll(',', ',,');
}
