// The record of a network: found, or made once by looking at the host.
import { IgniteError } from '@ignite/api';
import { gatewayOf, macFor } from '../allocate.ts';
import { hostRoutes, uplinkMtu } from '../host-look.ts';
import { formatPrefix, overlap, type Prefix, parsePrefix, sizeOf } from '../ipv4.ts';
import { isNetworkLink } from '../names.ts';
import type { NetworkParts, NetworkSettings } from './options.ts';
import { indexOf, loadRecords, type NetworkRecord } from './record.ts';
import { hostResolvers } from '../resolvers.ts';
import { chooseSubnet } from './subnet.ts';

/** A network needs base, gateway, broadcast address and a VM; and no VM needs 16 million neighbours. */
const LONGEST_PREFIX = 30;
const SHORTEST_PREFIX = 8;

/** The stored record of the network; undefined where there is none. */
export async function findRecord(
  parts: Pick<NetworkParts, 'store' | 'index'>,
): Promise<NetworkRecord | undefined> {
  return (await loadRecords(parts.store)).find((record) => indexOf(record) === parts.index);
}

/**
 * The stored record; the default network's is made and stored where there is none.
 * @throws IgniteError `network/no-subnet`, `network/not-found`
 */
export async function loadOrMakeRecord(parts: NetworkParts): Promise<NetworkRecord> {
  const stored = await findRecord(parts);
  if (stored !== undefined) return stored;
  if (parts.index !== 0)
    throw new IgniteError('network/not-found', `The network ${parts.names.link} has no record`);
  return makeRecord(parts, { name: parts.names.link }, parts.settings ?? {});
}

/**
 * Makes and stores the record of a new network.
 * @throws IgniteError `network/bad-subnet`, `network/subnet-overlaps`, `network/no-subnet`
 */
export async function makeRecord(
  parts: NetworkParts,
  identity: Pick<NetworkRecord, 'name' | 'uid' | 'index' | 'created'>,
  wished: NetworkSettings,
): Promise<NetworkRecord> {
  const make = () => chooseAndStore(parts, identity, wished);
  return parts.neighbours === undefined ? make() : parts.neighbours.alone(make);
}

async function chooseAndStore(
  parts: NetworkParts,
  identity: Pick<NetworkRecord, 'name' | 'uid' | 'index' | 'created'>,
  wished: NetworkSettings,
): Promise<NetworkRecord> {
  const subnet = await freeSubnet(parts, identity.name, wished.subnet);
  const record: NetworkRecord = {
    format: 1,
    ...identity,
    subnet: formatPrefix(subnet),
    gateway: gatewayOf(subnet),
    gatewayMac: macFor([parts.instance, String(parts.ordinal), 'gateway', ...indexWords(parts.index)]),
    mtu: wished.mtu ?? (await uplinkMtu(parts.commands)),
    ...(wished.dns === undefined || wished.dns.length === 0 ? {} : { dns: wished.dns }),
    opened: { bootId: parts.bootId, interfaces: [] },
  };
  await parts.store.save(record);
  return record;
}

function indexWords(index: number): readonly string[] {
  return index === 0 ? [] : [String(index)];
}

/** What a new subnet must not touch, with a word for each. */
async function usedPrefixes(parts: NetworkParts): Promise<readonly { prefix: Prefix; by: string }[]> {
  const [routes, resolvers, records, neighbours = []] = await Promise.all([
    hostRoutes(parts.commands, (link) => isNetworkLink(link, parts.ordinal)),
    hostResolvers(parts.readText),
    loadRecords(parts.store),
    parts.neighbours?.subnets(),
  ]);
  return [
    ...records.flatMap(({ subnet, name }) => named(subnet, `the network ${name}`)),
    ...routes.map(({ prefix, device }) => ({
      prefix,
      by: `the host's route to ${formatPrefix(prefix)}${device === '' ? '' : ` by ${device}`}`,
    })),
    ...resolvers.flatMap((server) => named(server, `the resolver ${server}`)),
    ...neighbours.flatMap((subnet) => named(subnet, `the network ${subnet} of another engine of this host`)),
  ];
}

function named(text: string, by: string): readonly { prefix: Prefix; by: string }[] {
  return [parsePrefix(text) ?? []].flat().map((prefix) => ({ prefix, by }));
}

async function freeSubnet(parts: NetworkParts, name: string, wished: string | undefined): Promise<Prefix> {
  const used = await usedPrefixes(parts);
  if (wished !== undefined) return checkedSubnet(wished, used);
  const taken = used.map(({ prefix }) => prefix);
  const chosen = chooseSubnet(taken, parts.ordinal);
  if (chosen !== undefined) return chosen;
  throw new IgniteError('network/no-subnet', `No private range is free for the network ${name}`);
}

function checkedSubnet(text: string, used: readonly { prefix: Prefix; by: string }[]): Prefix {
  const subnet = parsePrefix(text);
  const bad = (why: string) =>
    new IgniteError('network/bad-subnet', `The subnet "${text.slice(0, 80)}" ${why}`);
  if (subnet === undefined || !text.includes('/')) throw bad('is no IPv4 range such as 10.80.0.0/24');
  if (formatPrefix(subnet) !== text) throw bad(`has host bits set; the range is ${formatPrefix(subnet)}`);
  if (sizeOf(subnet) < sizeOf({ base: 0, length: LONGEST_PREFIX })) throw bad('has no room for a VM');
  if (subnet.length < SHORTEST_PREFIX) throw bad(`is larger than a /${SHORTEST_PREFIX}`);
  // As when we choose: shorter routes stand for a default route.
  const holder = used.find(({ prefix }) => prefix.length >= SHORTEST_PREFIX && overlap(prefix, subnet));
  if (holder === undefined) return subnet;
  throw new IgniteError('network/subnet-overlaps', `The subnet ${text} overlaps ${holder.by}`, {
    details: { subnet: text, holder: holder.by },
  });
}
