// On hosts with firewalld: an interface that it does not know is in its default zone, which refuses to forward. Ours are put
// into its zone `trusted` while it runs; what guests may do is decided by our own table, which no accept of firewalld's
// overrides. A reload or restart of firewalld drops them, and the next look adds them again.
import { isIgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';

/** The chains in which firewalld assigns interfaces to zones: since 1.0, and before. */
const CHAINS = ['filter_FORWARD_ZONES', 'filter_FORWARD_IN_ZONES'] as const;
const ZONE = '--zone=trusted';
/** firewall-cmd(1): NOT_RUNNING, and UNKNOWN_INTERFACE, ZONE_CONFLICT of somebody who was faster. */
const OK_CODES = [0, 17, 49, 252];

/** Has firewalld let the traffic of our links pass. Nothing where it does not run; a zone that was chosen for a link stays. */
export async function trustLinks(commands: Commands, links: readonly string[]): Promise<void> {
  const known = await knownInterfaces(commands);
  const strange = known === undefined ? [] : links.filter((link) => !known.includes(link));
  await tell(commands, 'add', strange);
}

/** Takes links out of the zone again. */
export async function forgetLinks(commands: Commands, links: readonly string[]): Promise<void> {
  const known = await knownInterfaces(commands);
  await tell(
    commands,
    'remove',
    links.filter((link) => known?.includes(link)),
  );
}

async function tell(commands: Commands, verb: 'add' | 'remove', links: readonly string[]): Promise<void> {
  const words = links.map((link) => `--${verb}-interface=${link}`);
  if (words.length > 0) await commands.run(['firewall-cmd', ZONE, ...words], { okCodes: OK_CODES });
}

/** Interfaces that firewalld has in a zone; undefined where there is no firewalld with nftables. */
async function knownInterfaces(commands: Commands): Promise<readonly string[] | undefined> {
  const chains = await Promise.all(CHAINS.map((chain) => listChain(commands, chain)));
  const text = chains.find((chain) => chain !== undefined);
  return text === undefined ? undefined : interfacesIn(text);
}

/** Interfaces named by the rules of a chain that nft(8) printed. */
export function interfacesIn(chain: string): readonly string[] {
  return [...chain.matchAll(/iifname "([^"]+)"/g)].flatMap(([, name]) => name ?? []);
}

async function listChain(commands: Commands, chain: string): Promise<string | undefined> {
  try {
    const argv = ['nft', 'list', 'chain', 'inet', 'firewalld', chain] as const;
    const { code, stdout } = await commands.run(argv, { okCodes: [0, 1] });
    return code === 0 ? stdout : undefined;
  } catch (error) {
    if (isIgniteError(error, 'host/program-missing')) return undefined;
    throw error;
  }
}
