// Rules with the mark of this engine that belong to nothing: tables of networks that are gone, what tables hold for
// addresses that no VM has, accepts in other firewalls' tables for links that are gone.
import { readdir } from 'node:fs/promises';
import type { Commands, RunOptions } from '../../host/index.ts';
import { markedLinks, removeAccepts } from '../foreign-accepts.ts';
import { isNetworkLink, networkNames } from '../names.ts';
import { strayContent } from './stray-elements.ts';
import type { NetworkStray } from '../port.ts';

interface StrayRulesInput {
  readonly commands: Commands;
  readonly instance: string;
  readonly ordinal: number;
  /** Addresses of all VMs there are; undefined: a VM cannot be read, so that any address may be its own. */
  readonly addresses: () => ReadonlySet<string> | undefined;
  /** Names of the namespaces of networks there are. */
  readonly namespaces: readonly string[];
}

const MOST_BYTES = 64 << 20;

/** What can be removed. */
export async function strayRules(
  input: StrayRulesInput,
  signal: AbortSignal,
): Promise<readonly NetworkStray[]> {
  const { commands, instance, ordinal } = input;
  const { mark } = networkNames(instance, ordinal);
  const present = async () =>
    (await readdir('/sys/class/net')).filter((name) => isNetworkLink(name, ordinal));
  const marked = (await markedLinks(commands, mark)).filter((name) => isNetworkLink(name, ordinal));
  const there = await present(); // after the accepts: a network has its link before them
  const lost = marked.filter((link) => !there.includes(link));
  return [
    ...(await strayTables(input, async () => (await present()).length > 0, signal)),
    ...lost.map(
      (link): NetworkStray => ({
        kind: 'rule',
        name: `${mark} ${link}`,
        why: 'accepts in a firewall for an interface that is gone',
        remove: async () => {
          if (!(await present()).includes(link)) await removeAccepts(commands, { link, mark });
        },
      }),
    ),
  ];
}

/** Tables carry instance and ordinal; one of ours with another ordinal is from before the engine got its new one. */
async function strayTables(
  input: StrayRulesInput,
  hasNetworks: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<readonly NetworkStray[]> {
  const { commands, instance, ordinal, namespaces } = input;
  const { stdout } = await commands.run(['nft', 'list', 'tables', 'inet'], { signal });
  const short = networkNames(instance, ordinal).table.split('_').at(-1);
  const ours = [...stdout.matchAll(/^table inet (ignite_\d+_([a-z0-9]+))$/gm)].flatMap(([, name = '', of]) =>
    of === short ? [name] : [],
  );
  const own = networkNames(instance, ordinal).table;
  const empty = !(await hasNetworks()); // after the tables: a network has its link before its table
  const stray = ours.filter((name) => name !== own || empty);
  const kept = ours.filter((name) => !stray.includes(name));
  const outside = kept.map((name) => contents({}, `inet ${name}`, input, signal));
  const inside = namespaces.flatMap((netns) =>
    (['inet', 'bridge'] as const).map((family) =>
      contents({ netns: `/run/netns/${netns}` }, `${family} ${own}`, input, signal),
    ),
  );
  return [
    ...stray.map(
      (name): NetworkStray => ({
        kind: 'table',
        name: `inet ${name}`,
        why: 'no network has it',
        remove: async (until) => {
          if (name === own && (await hasNetworks())) return; // one was made meanwhile
          await commands.run(['nft', 'delete', 'table', 'inet', name], { signal: until, okCodes: [0, 1] });
        },
      }),
    ),
    ...(await Promise.all([...outside, ...inside])).flat(),
  ];
}

async function contents(
  place: Pick<RunOptions, 'netns'>,
  table: string,
  { commands, addresses }: StrayRulesInput,
  signal: AbortSignal,
): Promise<readonly NetworkStray[]> {
  const owned = addresses();
  if (owned === undefined) return [];
  const options = { ...place, signal, okCodes: [0, 1], maxOutputBytes: MOST_BYTES };
  const { code, stdout } = await commands.run(['nft', '-j', 'list', 'table', ...table.split(' ')], options);
  if (code !== 0) return []; // it is not there
  return strayContent(stdout, (address) => owned.has(address)).map(({ address, script }) => ({
    kind: 'rule',
    name: `${table} ${address}`,
    why: 'rules for an address that no VM has',
    remove: async (until) => {
      if (addresses()?.has(address) !== false) return; // a VM was made meanwhile
      await commands.run(['nft', '-f', '-'], {
        ...place,
        signal: until,
        input: script,
        okCodes: [0, 1],
      });
    },
  }));
}
