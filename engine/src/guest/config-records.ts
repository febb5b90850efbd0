// The guest configuration as TLV records, the content of /ignite/config in the initrd (protocol table, CONFIG).
import { encodeTlv, type TlvRecord, tlv, tlvBig, tlvNumber } from '@ignite/api';
import { APP, CHANNELS, CONFIG, FILE, FILE_KIND, INIT_KIND, LIMIT, MODE, MOUNT, NIC } from '@ignite/protocol';
import { POWER_OFF, SERIAL, VERSION } from '@ignite/protocol';
import { signalNumber } from './signals.ts';
import type { GuestConfig, GuestMount } from './port.ts';

/** The bytes of /ignite/config. @throws RangeError when they exceed what ignite-init takes */
export function encodeConfig(config: GuestConfig): Uint8Array {
  const bytes = encodeTlv([
    tlvNumber(CONFIG.VERSION, 4, VERSION.CONFIG),
    tlvNumber(CONFIG.MODE, 1, config.mode === 'app' ? MODE.APP : MODE.SYSTEM),
    tlv(CONFIG.TOKEN, Buffer.from(config.bootToken, 'hex')),
    tlv(CONFIG.HOSTNAME, config.hostname),
    tlv(CONFIG.MACHINE_ID, config.machineId),
    tlvBig(CONFIG.TIME, BigInt(Math.round(config.time * 1000)) * 1_000_000n),
    tlvNumber(CONFIG.POWER_OFF, 1, config.powerOff === 'acpi' ? POWER_OFF.ACPI : POWER_OFF.RESET),
    tlvNumber(CONFIG.CHANNELS, 1, config.channels === 'vsock' ? CHANNELS.VSOCK : CHANNELS.PORTS),
    ...driveRecords(config),
    ...networkRecords(config),
    ...systemRecords(config),
    ...appRecords(config),
    ...config.authorizedKeys.map((key) => tlv(CONFIG.AUTHORIZED_KEY, key)),
    ...config.files.map(fileRecord),
  ]);
  if (bytes.length > LIMIT.CONFIG) throw new RangeError('The files for the guest are larger than 16 MiB');
  return bytes;
}

function driveRecords(config: GuestConfig): readonly TlvRecord[] {
  return [
    tlvNumber(CONFIG.ROOT_DRIVE, 4, config.rootDrive),
    ...(config.modulesDrive === undefined ? [] : [tlvNumber(CONFIG.MODULES_DRIVE, 4, config.modulesDrive)]),
    ...(config.filesDrive === undefined ? [] : [tlvNumber(CONFIG.FILES_DRIVE, 4, config.filesDrive)]),
    ...config.serials.map(({ drive, serial }) =>
      nested(CONFIG.SERIAL, [tlvNumber(SERIAL.DRIVE, 4, drive), tlv(SERIAL.TEXT, serial)]),
    ),
    ...config.mounts.map((mount) => nested(CONFIG.MOUNT, mountRecords(mount))),
  ];
}

function mountRecords(mount: GuestMount): readonly TlvRecord[] {
  const common = [tlv(MOUNT.PATH, mount.path), tlvNumber(MOUNT.READ_ONLY, 1, mount.readOnly ? 1 : 0)];
  if ('drive' in mount) return [tlvNumber(MOUNT.DRIVE, 4, mount.drive), ...common];
  const { type, source, options, exec } = mount;
  return [
    ...common,
    tlv(MOUNT.TYPE, type),
    ...(source === undefined ? [] : [tlv(MOUNT.SOURCE, source)]),
    ...(options === undefined ? [] : [tlv(MOUNT.OPTIONS, options)]),
    tlvNumber(MOUNT.EXEC, 1, exec === true ? 1 : 0),
  ];
}

function networkRecords(config: GuestConfig): readonly TlvRecord[] {
  return [
    ...config.nics.map((nic) =>
      nested(CONFIG.NIC, [
        tlv(NIC.MAC, Buffer.from(nic.mac.replaceAll(':', ''), 'hex')),
        ...(nic.address === undefined ? [] : [tlv(NIC.ADDRESS, nic.address)]),
        tlvNumber(NIC.PREFIX, 1, nic.prefixLength ?? 0),
        ...(nic.further ?? []).map((address) => tlv(NIC.FURTHER, address)),
        ...(nic.routes ?? []).map(({ to, via }) => tlv(NIC.ROUTE, via === undefined ? to : `${to} ${via}`)),
        ...(nic.gateway === undefined ? [] : [tlv(NIC.GATEWAY, nic.gateway)]),
        tlvNumber(NIC.MTU, 4, nic.mtu),
      ]),
    ),
    ...config.dns.map((server) => tlv(CONFIG.DNS, server)),
    ...config.hosts.map((host) => tlv(CONFIG.HOST, `${host.address}\t${host.names.join(' ')}`)),
  ];
}

function systemRecords(config: GuestConfig): readonly TlvRecord[] {
  const kinds = { systemd: INIT_KIND.SYSTEMD, openrc: INIT_KIND.OPENRC, sysv: INIT_KIND.SYSV };
  if (config.mode !== 'system') return [];
  return [
    tlv(CONFIG.INIT, config.init ?? '/sbin/init'),
    ...(config.initKind === undefined ? [] : [tlvNumber(CONFIG.INIT_KIND, 1, kinds[config.initKind])]),
  ];
}

function appRecords(config: GuestConfig): readonly TlvRecord[] {
  const { app } = config;
  if (app === undefined) return [];
  return [
    nested(CONFIG.APP, [
      ...app.argv.map((word) => tlv(APP.ARG, word)),
      ...app.env.map((word) => tlv(APP.ENV, word)),
      tlv(APP.WORKDIR, app.workdir),
      tlv(APP.USER, app.user),
      tlvNumber(APP.TTY, 1, app.tty ? 1 : 0),
      tlvNumber(APP.STDIN, 1, app.stdin ? 1 : 0),
      tlvNumber(APP.STOP_SIGNAL, 1, signalNumber(app.stopSignal)),
    ]),
  ];
}

const FILE_KINDS = { folder: FILE_KIND.DIRECTORY, symlink: FILE_KIND.SYMLINK } as const;

function fileRecord(file: GuestConfig['files'][number]): TlvRecord {
  return nested(CONFIG.FILE, [
    tlv(FILE.PATH, file.path),
    tlvNumber(FILE.MODE, 4, file.mode),
    tlvNumber(FILE.UID, 4, file.uid),
    tlvNumber(FILE.GID, 4, file.gid),
    tlv(FILE.CONTENT, file.content),
    ...(file.kind === undefined ? [] : [tlvNumber(FILE.KIND, 1, FILE_KINDS[file.kind])]),
  ]);
}

function nested(tag: number, records: readonly TlvRecord[]): TlvRecord {
  return tlv(tag, encodeTlv(records));
}
