// Choosing what a NIC keeps for its life: address, MAC, host ports.
import { IgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';
import { lowestFreeAddress } from './allocate.ts';
import { chooseMac, fixedAddress, ownerOf, type TakenBridgeNic } from './fixed.ts';
import { addressedInterfaces, hostListeners } from './host-look.ts';
import { parseAddress, parsePrefix } from './ipv4.ts';
import type { NetworkParts } from './options.ts';
import type { BindRequest, BridgeNic, PortMapping, TakenNic } from './port.ts';
import {
  bindAddressOf,
  describePort,
  type Listener,
  listenerOf,
  portsCollide,
  randomHostPort,
} from './ports.ts';
import { indexOf, type NetworkRecord } from './record.ts';

/** What a choice depends on besides the request. */
export interface BindFacts {
  readonly record: NetworkRecord;
  /** Sockets of the host; needed for random ports only. */
  readonly listeners: readonly Listener[];
}

/** Looks at the host for what `chooseNic` needs. */
export async function bindFacts(
  parts: NetworkParts,
  record: NetworkRecord,
  request: BindRequest,
  signal: AbortSignal,
): Promise<BindFacts> {
  await refuseForeignAddresses(parts.commands, request.ports, signal);
  return { record, listeners: await listenersFor(parts.commands, request.ports, signal) };
}

/** The host's listeners, where a random port is to be found among them. */
export async function listenersFor(
  commands: Commands,
  ports: readonly PortMapping[],
  signal: AbortSignal,
): Promise<readonly Listener[]> {
  return ports.some((port) => port.hostPort === 0) ? hostListeners(commands, false, signal) : [];
}

/**
 * The NIC of a VM: the same arguments give the same NIC.
 * @throws IgniteError `network/subnet-full`, `network/port-taken`, `network/address-outside`,
 *   `network/address-taken`, `network/mac-taken`
 */
export function chooseNic(request: BindRequest, taken: readonly TakenNic[], facts: BindFacts): BridgeNic {
  const { record } = facts;
  const subnet = parsePrefix(record.subnet) ?? { base: 0, length: 32 };
  const here = taken.filter(
    (nic): nic is TakenBridgeNic => nic.mode === 'bridge' && nic.network === record.name,
  );
  const address =
    request.ip === undefined
      ? lowestFreeAddress(subnet, new Set(here.map((nic) => nic.address)))
      : fixedAddress(request.ip, record, here);
  if (address === undefined)
    throw new IgniteError('network/subnet-full', `No address of ${record.subnet} (${record.name}) is free`);
  return {
    mode: 'bridge',
    network: record.name,
    ...(indexOf(record) === 0 ? {} : { networkIndex: indexOf(record) }),
    mac: chooseMac(request, record, here),
    address,
    prefixLength: subnet.length,
    gateway: record.gateway,
    dns: [record.gateway],
    mtu: Math.min(request.mtu ?? record.mtu, record.mtu),
    ports: choosePorts(request, taken, facts.listeners),
  };
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
