// Puts our accepts into the tables of both kinds of iptables, and takes them out again.
import { isIgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';
import { acceptsToAdd, acceptsToRemove, portAcceptsToAdd, type PublishedPort } from './foreign-firewall.ts';
import { forgetLinks, trustLinks } from './foreign-firewalld.ts';
import type { NetworkNames } from './names.ts';
import { allDone } from '../work/index.ts';
import { isRefusal } from './refusals.ts';

/** The two may be in use side by side: Docker with one, an old script with the other. */
const KINDS = ['iptables-nft', 'iptables-legacy'] as const;

/** How long the lock of the legacy kind is waited for. */
const LOCK_SECONDS = '5';

const MOST_ATTEMPTS = 3;

/** Makes other firewalls let the traffic of our links pass, if they would drop it. */
export async function ensureAccepts(
  commands: Commands,
  networks: readonly Pick<NetworkNames, 'link' | 'mark'>[],
): Promise<void> {
  const [first] = networks;
  if (first === undefined) return;
  const links = networks.map(({ link }) => link);
  await allDone([
    edit(commands, (saved) => acceptsToAdd(saved, links, first.mark)),
    trustLinks(commands, links),
  ]);
}

/** Removes the rules of one link that bear our mark. */
export async function removeAccepts(
  commands: Commands,
  { link, mark }: Pick<NetworkNames, 'link' | 'mark'>,
): Promise<void> {
  await allDone([
    edit(commands, (saved) => acceptsToRemove(saved, mark, link)),
    forgetLinks(commands, [link]),
  ]);
}

/** Makes other firewalls let connections to published ports pass, if they would drop them. */
export async function ensurePortAccepts(commands: Commands, ports: readonly PublishedPort[]): Promise<void> {
  if (ports.length > 0) await edit(commands, (saved) => portAcceptsToAdd(saved, ports));
}

/** Removes every rule with a mark. */
export async function removeMarkedAccepts(commands: Commands, mark: string): Promise<void> {
  await edit(commands, (saved) => acceptsToRemove(saved, mark));
}

/** Interfaces that rules with our mark name, in the tables of both kinds. */
export async function markedLinks(commands: Commands, mark: string): Promise<readonly string[]> {
  const saved = await Promise.all(KINDS.map((kind) => save(commands, kind)));
  const lines = saved.flatMap((text) => (text ?? '').split('\n')).filter((line) => line.includes(mark));
  return [
    ...new Set(lines.flatMap((line) => [...line.matchAll(/ -[io] (\S+)/g)].map(([, link = '']) => link))),
  ];
}

type Plan = (saved: string) => string | undefined;

async function edit(commands: Commands, plan: Plan): Promise<void> {
  await allDone(KINDS.map((kind) => editOne(commands, kind, plan)));
}

/** A table that its owner changed since it was read (Docker starts, ufw reloads) refuses the script, and is read again. */
async function editOne(commands: Commands, kind: (typeof KINDS)[number], plan: Plan): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const saved = await save(commands, kind);
    const script = saved === undefined ? undefined : plan(saved);
    if (script === undefined) return;
    try {
      await commands.run([`${kind}-restore`, '--noflush', '--wait', LOCK_SECONDS], { input: script });
      return;
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isRefusal(error)) throw error;
    }
  }
}

/** Undefined where the program is not installed or cannot read its table: then nobody here uses it. */
async function save(commands: Commands, kind: (typeof KINDS)[number]): Promise<string | undefined> {
  try {
    const { code, stdout } = await commands.run([`${kind}-save`], {
      okCodes: [0, 1, 3, 4, 127],
      maxOutputBytes: 16 << 20,
    });
    return code === 0 ? stdout : undefined;
  } catch (error) {
    if (isIgniteError(error, 'host/program-missing')) return undefined;
    throw error;
  }
}
