// Whether the host changed under the networks: cheap questions, the same number whatever the number of VMs.
import type { Commands } from '../../host/index.ts';
import { closedInterfaces, hostForwards } from './forwarding.ts';
import { upInterfaces } from '../host-look.ts';
import { isNetworkLink } from '../names.ts';
import { WHOLE } from './nft.ts';
import { networkParts, type NetworkOptions, type NetworkParts } from './options.ts';
import { indexOf, loadRecords } from './record.ts';
import { hostResolvers } from '../resolvers.ts';

/** What the networks were made for; when the host differs from it, they are made again. */
export interface MadeFor {
  readonly resolvers: readonly string[];
}

/** Whether the host has other resolvers now, or an interface with an address that does not forward. */
export async function hasDrifted(options: NetworkOptions, made: MadeFor): Promise<boolean> {
  if (String(made.resolvers) !== String(await hostResolvers(options.readText))) return true;
  const closed = await closedInterfaces(options.commands, (link) => isNetworkLink(link, options.ordinal));
  return closed.length > 0 && !(await hostForwards(options.commands));
}

/**
 * Whether a namespace, a veth, its address or a table that we made is missing, or a table was made anew without the
 * elements of VMs that run.
 */
export async function isDamaged(options: NetworkOptions, indexes: readonly number[]): Promise<boolean> {
  const { commands } = options;
  const all = indexes.map((index) => networkParts(options, index));
  const [first] = all;
  if (first === undefined) return false;
  const mark = (family: string, table: string) => `get element ${family} ${table} ${WHOLE} { 1 }`;
  const [gateways, links, root, ...inside] = await Promise.all([
    gatewaysOf(options, indexes),
    upLinks(commands),
    answers(commands, ['nft', mark('inet', first.names.table)]),
    ...all.map(({ names }) => answers(commands, ['nft', mark('bridge', names.table)], names.netnsPath)),
  ]);
  const isThere = ({ names, index }: NetworkParts) =>
    links.get(names.link)?.includes(gateways.get(index) ?? '') === true;
  return !root || inside.includes(false) || !all.every(isThere);
}

/** Gateway addresses by the networks' numbers. */
async function gatewaysOf(
  { store }: NetworkOptions,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const records = (await loadRecords(store)).filter((record) => indexes.includes(indexOf(record)));
  return new Map(records.map((record) => [indexOf(record), record.gateway]));
}

/** Interfaces of the host that are up, with their IPv4 addresses. */
async function upLinks(commands: Commands): Promise<ReadonlyMap<string, readonly string[]>> {
  return new Map((await upInterfaces(commands)).map(({ name, addresses }) => [name, addresses]));
}

async function answers(
  commands: Commands,
  argv: readonly [string, ...string[]],
  netns?: string,
): Promise<boolean> {
  const okCodes = [0, 1, 255];
  return (await commands.run(argv, netns === undefined ? { okCodes } : { okCodes, netns })).code === 0;
}
