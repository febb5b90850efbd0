// The words for passt(1), and what its guest may not reach. Pure.
import type { UserNetworkProgram } from '../../supervisor/port.ts';
import type { PortMapping, UserNic } from '../port.ts';
import { METADATA_PLACES } from '../metadata-places.ts';
import { bindAddressOf } from '../ports.ts';
import { USER_NETWORK } from './addresses.ts';

/** The supervisor gives the program its connection under this number. */
const SOCKET_FD = 3;
/** Of the gateway, as the guest's ARP sees it; QEMU's user network has the same. */
const GATEWAY_MAC = '52:55:0a:00:02:02';

/** The largest that passt takes: TCP has its own segments on the host, so that long frames only save work. */
export const PASST_MTU = 65_520;

/** What the host is like now. */
export interface UserNetworkFacts {
  /** /etc/resolv.conf names an IPv4 resolver. passt reads it itself and asks the first, a stub on loopback included. */
  readonly hasResolver: boolean;
  /** IPv4 addresses of the host's interfaces. */
  readonly hostAddresses: readonly string[];
  readonly hasDefaultRoute: boolean;
}

/**
 * Never for a guest. passt itself connects to whatever a frame is addressed to: with --no-map-gw the gateway leads
 * nowhere, but 127.0.0.1 and 0.0.0.0 are the host's loopback (seen with passt 2023-03-09). 224.0.0.0/3 is multicast
 * and above.
 */
const NEVER = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', ...METADATA_PLACES.map(asRange)];

/** The program for one NIC. @param binary absolute path of passt */
export function passtProgram(binary: string, nic: UserNic, facts: UserNetworkFacts): UserNetworkProgram {
  return {
    argv: [
      binary,
      ...['--fd', String(SOCKET_FD), '--quiet', '--ipv4-only', '--no-dhcp'],
      ...['--address', nic.address, '--netmask', String(nic.prefixLength), '--gateway', nic.gateway],
      ...['--mac-addr', GATEWAY_MAC, '--mtu', String(nic.mtu)],
      // It takes a template even where everything is given, and there is none without a default route.
      ...(facts.hasDefaultRoute ? [] : ['--interface', 'lo']),
      // With --dns as well, the passt of Debian 12 forwards nothing.
      ...(facts.hasResolver ? ['--dns-forward', USER_NETWORK.dns] : []),
      ...(nic.hostLoopback ? [] : ['--no-map-gw']),
      ...nic.ports.flatMap(portWords),
    ],
    mac: nic.mac,
    address: nic.address,
    ...(facts.hasResolver ? { dns: USER_NETWORK.dns } : {}),
    deny: nic.hostLoopback ? NEVER : [...NEVER, USER_NETWORK.subnet, ...hostRanges(facts)],
  };
}

function portWords(port: PortMapping): readonly string[] {
  const address = bindAddressOf(port);
  const ports = `${port.hostPort}:${port.vmPort}`;
  return [
    port.protocol === 'tcp' ? '--tcp-ports' : '--udp-ports',
    address === undefined ? ports : `${address}/${ports}`,
  ];
}

function hostRanges({ hostAddresses }: UserNetworkFacts): readonly string[] {
  return hostAddresses.map(asRange);
}

function asRange(place: string): string {
  return place.includes('/') ? place : `${place}/32`;
}
