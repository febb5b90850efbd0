// Choosing the published ports of a NIC, whatever its network: random ones are filled in, and none is taken twice.
import { IgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';
import { addressedInterfaces, hostListeners } from './host-look.ts';
import { parseAddress } from './ipv4.ts';
import type { BindRequest, PortMapping, TakenNic } from './port.ts';
import {
  bindAddressOf,
  describePort,
  type Listener,
  listenerOf,
  portsCollide,
  randomHostPort,
} from './ports.ts';

/** The host's listeners, where a random port is to be found among them. */
export async function listenersFor(
  commands: Commands,
  ports: readonly PortMapping[],
  signal: AbortSignal,
): Promise<readonly Listener[]> {
  return ports.some((port) => port.hostPort === 0) ? hostListeners(commands, false, signal) : [];
}

/**
 * The published ports with random ones filled in.
 * @throws IgniteError `network/port-taken`
 */
export function choosePorts(
  request: BindRequest,
  taken: readonly TakenNic[],
  listeners: readonly Listener[],
): readonly PortMapping[] {
  const held = taken.flatMap((nic) => nic.ports.map((port) => ({ port, holder: ownerOf(nic) })));
  const fixed = request.ports.filter((port) => port.hostPort !== 0);
  const chosen: PortMapping[] = [];
  for (const port of request.ports) {
    const others = [...held, ...chosen.map((other) => ({ port: other, holder: 'this VM itself' }))];
    const next = port.hostPort === 0 ? withRandomPort(request.vmUid, port, others, fixed, listeners) : port;
    const holder = others.find((other) => portsCollide(other.port, next))?.holder;
    if (holder !== undefined) throw portTaken(next, holder);
    chosen.push(next);
  }
  return chosen;
}

function withRandomPort(
  vmUid: string,
  port: PortMapping,
  held: readonly { readonly port: PortMapping }[],
  fixed: readonly PortMapping[],
  listeners: readonly Listener[],
): PortMapping {
  const seed = [vmUid, port.protocol, port.vmPort, port.bindAddress ?? ''].join(' ');
  const hostPort = randomHostPort(seed, (number) => {
    const candidate = { ...port, hostPort: number };
    const collides = (other: PortMapping) => portsCollide(other, candidate);
    return (
      !held.some((other) => collides(other.port)) &&
      !fixed.some(collides) &&
      listenerOf(candidate, listeners) === undefined
    );
  });
  if (hostPort === undefined) throw portTaken(port, 'other VMs and programs, all of 32768 to 60999');
  return { ...port, hostPort };
}

/** The error for a port that somebody has. */
export function portTaken(port: PortMapping, holder: string): IgniteError {
  return new IgniteError(
    'network/port-taken',
    `Port ${describePort(port)} of the host is taken by ${holder}`,
    {
      details: { port: port.hostPort, protocol: port.protocol, holder },
    },
  );
}

/** @throws IgniteError `network/address-not-local` */
export async function refuseForeignAddresses(
  commands: Commands,
  ports: readonly PortMapping[],
  signal: AbortSignal,
): Promise<void> {
  const named = ports
    .flatMap((port) => bindAddressOf(port) ?? [])
    .filter((address) => !address.startsWith('127.'));
  if (named.length === 0) return;
  const local = new Set((await addressedInterfaces(commands, signal)).flatMap(({ addresses }) => addresses));
  const foreign = named.find((address) => parseAddress(address) === undefined || !local.has(address));
  if (foreign !== undefined)
    throw new IgniteError('network/address-not-local', `${foreign} is no IPv4 address of this host`, {
      details: { address: foreign },
    });
}

/** Who has a NIC, for messages. */
export function ownerOf(nic: TakenNic): string {
  return nic.vmName === undefined ? `another VM of the network ${nic.network}` : `VM ${nic.vmName}`;
}
