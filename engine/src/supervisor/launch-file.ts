// Writes a Launch as the launch file of ignite-spawn: NUL-terminated `key=value` records (native/spawn/launch.c).
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { EXIT_FILE } from './files.ts';
import type { DhcpOffer, Launch, LaunchDescriptor, LaunchJail, UserNetworkProgram } from './port.ts';

/**
 * The bytes of the launch file.
 * @throws IgniteError `supervisor/bad-launch` for a value that holds a NUL
 */
export function encodeLaunch(launch: Launch): Uint8Array {
  const records = [...fixedRecords(launch), ...repeatedRecords(launch)];
  for (const [key, value] of records) {
    if (!value.includes('\0')) continue;
    throw new IgniteError(
      'supervisor/bad-launch',
      `The launch value ${key} of ${launch.vmUid} holds a NUL byte`,
    );
  }
  for (const { source } of launch.jail?.binds ?? []) {
    if (!source.includes(':')) continue;
    throw new IgniteError(
      'supervisor/bad-launch',
      `${source} holds a colon, and a VMM cannot be given such a file`,
    );
  }
  return Buffer.from(records.map(([key, value]) => `${key}=${value}\0`).join(''));
}

/** As many as resolv.conf(5) takes. */
const DHCP_SERVERS = 3;

type LaunchRecord = readonly [key: string, value: string];

function fixedRecords(launch: Launch): LaunchRecord[] {
  return [
    ['version', '1'],
    ['slot', String(launch.slot)],
    ['vm', launch.vmUid],
    ['run', launch.runDirectory],
    ['exit', join(launch.vmDirectory, EXIT_FILE)],
    ['logs', launch.logDirectory],
    ['log-max', String(launch.log.maxBytes)],
    ['log-files', String(launch.log.files)],
    ['token', launch.bootToken],
    ['wait-reader', launch.waitForReader ? '1' : '0'],
    ...optional('uid', launch.uid),
    ...optional('gid', launch.gid),
    ...optional('netns', launch.netns),
    ...optional('root', launch.jail?.root),
  ];
}

function optional(key: string, value: string | number | undefined): LaunchRecord[] {
  return value === undefined ? [] : [[key, String(value)]];
}

function repeatedRecords(launch: Launch): LaunchRecord[] {
  return [
    ...launch.cgroups.map((path): LaunchRecord => ['cgroup', path]),
    ...jailRecords(launch.jail),
    ...(launch.folderProgram ?? []).map((word): LaunchRecord => ['share', word]),
    ...networkRecords(launch.userNetwork),
    ...(launch.dhcp ?? []).map((offer): LaunchRecord => ['dhcp', dhcpWords(offer)]),
    ...Object.entries(launch.env).map(([name, value]): LaunchRecord => ['env', `${name}=${value}`]),
    ...launch.descriptors.map((descriptor): LaunchRecord => ['fd', describe(descriptor)]),
    ...launch.argv.map((word): LaunchRecord => ['arg', word]),
  ];
}

/** `TAP MAC ADDRESS/PREFIX GATEWAY DNS,… HOSTNAME`, `-` for what is not there (native/spawn/dhcp.h). */
function dhcpWords({ tap, mac, address, prefixLength, gateway, dns, hostname }: DhcpOffer): string {
  const servers = dns.slice(0, DHCP_SERVERS).join(',');
  return [tap, mac, `${address}/${prefixLength}`, gateway ?? '-', servers || '-', hostname].join(' ');
}

function jailRecords(jail: LaunchJail | undefined): LaunchRecord[] {
  if (jail === undefined) return [];
  const { binds, files = [], fileBytes, devices = [], doors = {} } = jail;
  return [
    ...optional('jailer', jail.jailer),
    ...optional('root-mib', jail.mebibytes),
    ...binds.map(
      ({ writable, source, target }): LaunchRecord => [
        'bind',
        `${writable ? 'rw' : 'ro'}:${source}:${target}`,
      ],
    ),
    ...files.map(({ target, content }): LaunchRecord => ['file', `${target}:${content}`]),
    ...optional('file-bytes', fileBytes),
    ...devices.map((device): LaunchRecord => ['device', device]),
    ...Object.entries(doors).map(([channel, path]): LaunchRecord => ['door', `${channel}:${path}`]),
  ];
}

function networkRecords(network: UserNetworkProgram | undefined): LaunchRecord[] {
  if (network === undefined) return [];
  return [
    ...network.argv.map((word): LaunchRecord => ['net', word]),
    ['net-from', `${network.mac},${network.address}`],
    ...optional('net-dns', network.dns),
    ...network.deny.map((range): LaunchRecord => ['net-deny', range]),
  ];
}

function describe(descriptor: LaunchDescriptor): string {
  if (descriptor.kind === 'share') {
    const { fd, readOnly, source, target } = descriptor;
    return `${fd}:share:${readOnly ? 'ro' : 'rw'}:${target}:${source}`;
  }
  if (descriptor.kind !== 'tap') return `${descriptor.fd}:${descriptor.kind}`;
  const { fd, tap, netns } = descriptor;
  return `${fd}:tap:${tap}${netns === undefined ? '' : `@${netns}`}`;
}
