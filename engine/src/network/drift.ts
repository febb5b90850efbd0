// Whether the host changed under the networks: cheap questions, the same number whatever the number of VMs.
import type { Commands } from '../host/index.ts';
import { closedInterfaces, hostForwards } from './forwarding.ts';
import { parseRows, textOf } from './host-look.ts';
import { isNetworkLink } from './names.ts';
import { networkParts, type NetworkOptions } from './options.ts';
import { hostResolvers } from './resolvers.ts';

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

/** Whether a namespace, a veth or a table that we made is missing, so that its elements are lost, too. */
export async function isDamaged(options: NetworkOptions, indexes: readonly number[]): Promise<boolean> {
  const { commands } = options;
  const all = indexes.map((index) => networkParts(options, index));
  const [first] = all;
  if (first === undefined) return false;
  const [links, root, ...inside] = await Promise.all([
    upLinks(commands),
    answers(commands, ['nft', 'list', 'chain', 'inet', first.names.table, 'forward']),
    ...all.map(({ names }) =>
      answers(commands, [
        'nsenter',
        `--net=${names.netnsPath}`,
        ...['nft', 'list', 'chain', 'bridge', names.table, 'from'],
      ]),
    ),
  ]);
  return !root || inside.includes(false) || all.some(({ names }) => !links.has(names.link));
}

/** Names of the host's interfaces that are up. */
async function upLinks(commands: Commands): Promise<ReadonlySet<string>> {
  const { stdout } = await commands.run(['ip', '-j', 'link', 'show', 'up'], { maxOutputBytes: 16 << 20 });
  return new Set(parseRows(stdout).map((row) => textOf(row, 'ifname')));
}

async function answers(commands: Commands, argv: readonly [string, ...string[]]): Promise<boolean> {
  return (await commands.run(argv, { okCodes: [0, 1, 255] })).code === 0;
}
