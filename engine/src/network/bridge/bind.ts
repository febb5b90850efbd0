// Choosing what a NIC keeps for its life: address, MAC, host ports.
import { IgniteError } from '@ignite/api';
import { lowestFreeAddress } from '../allocate.ts';
import { choosePorts, listenersFor, refuseForeignAddresses } from '../choose-ports.ts';
import { chooseMac, fixedAddress, type TakenBridgeNic } from './fixed.ts';
import { parsePrefix } from '../ipv4.ts';
import type { NetworkParts } from './options.ts';
import type { BindRequest, BridgeNic, TakenNic } from '../port.ts';
import type { Listener } from '../ports.ts';
import { indexOf, type NetworkRecord } from './record.ts';

/** What a choice depends on in addition to the request. */
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
