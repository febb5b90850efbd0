// Firewalls of others that drop forwarded packets: an accept of ours cannot overrule them from our own table, so
// marked accepts go where the owner leaves room for them (DESIGN D7). Pure: text of iptables-save in, lines out.

/** Chains that their owners reserve for rules of others, in the order of preference; FORWARD itself has no owner. */
const ROOMS = ['DOCKER-USER', 'ufw-user-forward'];
const INPUT_ROOMS = ['ufw-user-input'];

interface Filter {
  readonly chains: ReadonlyMap<string, string>;
  readonly rules: readonly string[];
}

/**
 * Lines for `iptables-restore --noflush` that let traffic of `links` pass, and their questions for names to the host.
 * @param saved what `iptables-save` printed
 * @param mark comment by which our rules are known
 * @returns undefined where nothing is to do: no filter in the way, or the accepts are there already
 */
export function acceptsToAdd(saved: string, links: readonly string[], mark: string): string | undefined {
  const filter = parseFilter(saved);
  const comment = `-m comment --comment ${mark} -j ACCEPT`;
  const forward = chainFor(filter, 'FORWARD', ROOMS);
  const input = chainFor(filter, 'INPUT', INPUT_ROOMS);
  const wanted = links.flatMap((link) => [
    ...(forward === undefined ? [] : ['-i', '-o'].map((way) => `${forward} ${way} ${link} ${comment}`)),
    ...(input === undefined
      ? []
      : ['udp', 'tcp'].map((kind) => `${input} -i ${link} -p ${kind} -m ${kind} --dport 53 ${comment}`)),
  ]);
  return additions(filter, wanted);
}

/** A port of a VM to which somebody else's table leads connections from outside. */
export interface PublishedPort {
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Comment by which the accepts of its VM are known. */
  readonly mark: string;
}

/**
 * Lines for `iptables-restore --noflush` that let connections to published ports pass, and their answers.
 * @returns undefined as `acceptsToAdd`
 */
export function portAcceptsToAdd(saved: string, ports: readonly PublishedPort[]): string | undefined {
  const filter = parseFilter(saved);
  const chain = chainFor(filter, 'FORWARD', ROOMS);
  if (chain === undefined) return undefined;
  const rules = ports.flatMap(({ address, protocol, port, mark }) =>
    (['-d %/32 -p & -m & --dport', '-s %/32 -p & -m & --sport'] as const).map((way) => {
      const match = way.replace('%', address).replaceAll('&', protocol);
      return `${chain} ${match} ${port} -m conntrack --ctstate DNAT -m comment --comment ${mark} -j ACCEPT`;
    }),
  );
  return additions(filter, [...new Set(rules)]);
}

/** A script that inserts those of the rules that are not there; undefined where none is missing. */
function additions(filter: Filter, wanted: readonly string[]): string | undefined {
  const missing = wanted.filter((rule) => !filter.rules.some((have) => sameRule(have, `-A ${rule}`)));
  if (missing.length === 0) return undefined;
  return restoreScript(missing.map((rule) => rule.replace(' ', ' 1 ')).map((rule) => `-I ${rule}`));
}

/** Where an accept goes: its owner's room for it, else the chain itself where that drops. */
function chainFor(filter: Filter, chain: string, rooms: readonly string[]): string | undefined {
  return rooms.find((room) => filter.chains.has(room)) ?? (drops(filter, chain) ? chain : undefined);
}

/**
 * Lines for `iptables-restore --noflush` that remove the rules with our mark; undefined where there is none.
 * @param link absent: whatever they are about
 */
export function acceptsToRemove(saved: string, mark: string, link?: string): string | undefined {
  const ofLink = (rule: string) => / -[io] "?([^" ]*)"?/.exec(rule)?.[1] === link;
  const ours = parseFilter(saved).rules.filter(
    (rule) => hasMark(rule, mark) && (link === undefined || ofLink(rule)),
  );
  if (ours.length === 0) return undefined;
  return restoreScript(ours.map((rule) => rule.replace(/^-A /, '-D ')));
}

function restoreScript(lines: readonly string[]): string {
  return ['*filter', ...lines, 'COMMIT', ''].join('\n');
}

function drops(filter: Filter, chain: string): boolean {
  const drop = new RegExp(`^-A ${chain} .*-j (DROP|REJECT)\\b`);
  return filter.chains.get(chain) === 'DROP' || filter.rules.some((rule) => drop.test(rule));
}

/** The `filter` table of an iptables-save text: chains with their policies (`-` for none), rules as printed. */
function parseFilter(saved: string): Filter {
  const chains = new Map<string, string>();
  const rules: string[] = [];
  let inside = false;
  for (const line of saved.split('\n').map((text) => text.trim())) {
    if (line.startsWith('*')) inside = line === '*filter';
    if (!inside) continue;
    const [, chain, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (chain !== undefined && policy !== undefined) chains.set(chain, policy);
    if (line.startsWith('-A ')) rules.push(line);
  }
  return { chains, rules };
}

function sameRule(a: string, b: string): boolean {
  return a.replaceAll('"', '') === b.replaceAll('"', '');
}

function hasMark(rule: string, mark: string): boolean {
  return / --comment "?([^" ]*)"?/.exec(rule)?.[1] === mark;
}
