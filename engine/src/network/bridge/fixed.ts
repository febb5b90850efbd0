// Addresses and MACs that the user names, checked against the network and what others have there. Pure.
import { IgniteError } from '@ignite/api';
import { macFor } from '../allocate.ts';
import { contains, parseAddress, parsePrefix, sizeOf } from '../ipv4.ts';
import { ownerOf } from '../choose-ports.ts';
import { BRIDGE } from '../names.ts';
import type { BindRequest, BridgeNic, TakenNic } from '../port.ts';
import type { NetworkRecord } from './record.ts';

/** A NIC of another VM on the same network. */
export type TakenBridgeNic = TakenNic & BridgeNic;

type Asked = Pick<BindRequest, 'vmUid' | 'nic' | 'mac'>;

/**
 * The address that was asked for.
 * @param here NICs of other VMs on this network
 * @throws IgniteError `network/address-outside`, `network/address-taken`
 */
export function fixedAddress(ip: string, record: NetworkRecord, here: readonly TakenBridgeNic[]): string {
  const subnet = parsePrefix(record.subnet) ?? { base: 0, length: 32 };
  const address = parseAddress(ip);
  const details = { address: ip, subnet: record.subnet };
  const last = subnet.base + sizeOf(subnet) - 1;
  if (address === undefined || !contains(subnet, address) || address === subnet.base || address === last)
    throw new IgniteError(
      'network/address-outside',
      `${ip} is no address for a VM of the network ${record.name} (${record.subnet})`,
      { details },
    );
  const holder = ip === record.gateway ? 'the gateway' : here.find((nic) => nic.address === ip);
  if (holder === undefined) return ip;
  const text = typeof holder === 'string' ? holder : ownerOf(holder);
  throw new IgniteError('network/address-taken', `The address ${ip} is taken by ${text}`, { details });
}

/**
 * The MAC of a NIC: the one asked for, else one that follows from the VM's UID and the NIC's index.
 * @throws IgniteError `network/mac-taken`
 */
export function chooseMac(asked: Asked, record: NetworkRecord, here: readonly TakenBridgeNic[]): string {
  const ours = [record.gatewayMac, bridgeMac(record)];
  const index = asked.nic ?? 0;
  const words = index === 0 ? [asked.vmUid] : [asked.vmUid, String(index)];
  if (asked.mac === undefined) return macFor(words, new Set([...ours, ...here.map((nic) => nic.mac)]));
  const mac = asked.mac.toLowerCase();
  const holder = here.find((nic) => nic.mac === mac);
  if (holder === undefined && !ours.includes(mac)) return mac;
  const text = holder === undefined ? 'the network itself' : ownerOf(holder);
  throw new IgniteError('network/mac-taken', `The MAC ${mac} is taken by ${text}`, { details: { mac } });
}

/** MAC of the bridge inside the network's namespace. */
export function bridgeMac(record: Pick<NetworkRecord, 'gatewayMac'>): string {
  return macFor([record.gatewayMac, BRIDGE]);
}
