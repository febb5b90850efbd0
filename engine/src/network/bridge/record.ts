// What a network keeps for good: its subnet, and what it changed on the host. Written before it is acted on, it is
// also the network's claim: every other name follows from the engine's instance and ordinal.
import { IgniteError } from '@ignite/api';
import { parseAddress, parsePrefix } from '../ipv4.ts';

export interface NetworkRecord {
  readonly format: 1;
  /** What NICs call it; the default one by its link, `ign0`. */
  readonly name: string;
  /** Of a network that was made; the default one has none of these three. */
  readonly uid?: string;
  readonly index?: number;
  /** RFC 3339. */
  readonly created?: string;
  /** Resolvers instead of the host's. */
  readonly dns?: readonly string[];
  /** `10.62.0.0/16` */
  readonly subnet: string;
  readonly gateway: string;
  /** MAC of the gateway, the same whenever the veth is made again: guests keep it in their ARP caches. */
  readonly gatewayMac: string;
  /**
   * Of the veth, the bridge and at most of the guests: the uplink's when the network was made. Kept, as guests keep
   * theirs; if an uplink has a smaller one now, the host informs senders (RFC 1191).
   */
  readonly mtu: number;
  /** Interfaces whose forwarding we turned on, in the boot with this id. */
  readonly opened: { readonly bootId: string; readonly interfaces: readonly string[] };
}

/** Where records are kept; the state room writes them. */
export interface NetworkStore {
  /** The stored values as parsed from JSON. */
  all(): Promise<readonly unknown[]>;
  /** Lasting before it returns. */
  save(record: NetworkRecord): Promise<void>;
  /** Forgets a record. */
  remove(record: NetworkRecord): Promise<void>;
}

/** Number of a network. */
export function indexOf(record: Pick<NetworkRecord, 'index'>): number {
  return record.index ?? 0;
}

/** All stored records. @throws IgniteError `network/record-damaged` */
export async function loadRecords(store: NetworkStore): Promise<readonly NetworkRecord[]> {
  return (await store.all()).map(parseRecord);
}

/**
 * Checks what a store returned.
 * @throws IgniteError `network/record-damaged`
 */
export function parseRecord(value: unknown): NetworkRecord {
  const damaged = (what: string) =>
    new IgniteError('network/record-damaged', `The record of the network is damaged: ${what}`);
  if (!isObject(value)) throw damaged('it is no object');
  const { format, name, subnet, gateway, gatewayMac, mtu, opened } = value;
  if (format !== 1) throw damaged('its format is unknown');
  if (typeof name !== 'string') throw damaged('name');
  if (typeof subnet !== 'string' || parsePrefix(subnet) === undefined) throw damaged('subnet');
  if (typeof gateway !== 'string' || parseAddress(gateway) === undefined) throw damaged('gateway');
  if (typeof gatewayMac !== 'string' || !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(gatewayMac))
    throw damaged('gatewayMac');
  if (typeof mtu !== 'number' || !Number.isInteger(mtu) || mtu < 576 || mtu > 65_535) throw damaged('mtu');
  if (!isObject(opened) || typeof opened['bootId'] !== 'string' || !isTextList(opened['interfaces']))
    throw damaged('opened');
  const { bootId, interfaces } = opened;
  const opening = { bootId, interfaces };
  return { format, name, subnet, gateway, gatewayMac, mtu, opened: opening, ...madeFields(value, damaged) };
}

/** The fields of a network that somebody made. */
function madeFields(
  { uid, index, created, dns }: Readonly<Record<string, unknown>>,
  damaged: (what: string) => IgniteError,
): Partial<Pick<NetworkRecord, 'uid' | 'index' | 'created' | 'dns'>> {
  if (dns !== undefined && !isTextList(dns)) throw damaged('dns');
  const servers = dns === undefined ? {} : { dns };
  if (uid === undefined && index === undefined) return servers;
  if (typeof uid !== 'string' || typeof index !== 'number' || !Number.isInteger(index) || index < 1)
    throw damaged('index');
  if (typeof created !== 'string') throw damaged('created');
  return { uid, index, created, ...servers };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
