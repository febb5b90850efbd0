// `--policy PRESET`, `--allow RANGE[:PROTOCOL[/PORT[-PORT]]]`: what a VM may reach.
import type { RequestBody } from '@ignite/api';
import { isIpv4Range } from '@ignite/api/addresses';
import type { FlagValues } from '../argv/index.ts';
import { usage } from '../usage-error.ts';

type Policy = NonNullable<NonNullable<RequestBody<'createVm'>['spec']['network']>['policy']>;
type Rule = NonNullable<Policy['allow']>[number];

const PRESETS: readonly NonNullable<Policy['preset']>[] = ['lan', 'public', 'isolated', 'none'];
const PROTOCOLS: readonly NonNullable<Rule['protocol']>[] = ['tcp', 'udp', 'icmp'];

/** The part of the policy that the flags say. @throws IgniteError `cli/usage` */
export function policyFlags(flags: FlagValues): Policy {
  const preset = PRESETS.find((one) => one === flags.string('policy'));
  const allow = flags.list('allow').map(allowRule);
  return { ...(preset === undefined ? {} : { preset }), ...(allow.length === 0 ? {} : { allow }) };
}

/** The same for a VM that is there, of which `--allow none` takes all rules. @throws IgniteError `cli/usage` */
export function changedPolicy(flags: FlagValues): Policy {
  const words = flags.list('allow');
  if (!words.includes('none')) return policyFlags(flags);
  if (words.length > 1) throw usage('--allow none stands alone: it takes all rules away');
  const preset = PRESETS.find((one) => one === flags.string('policy'));
  return { ...(preset === undefined ? {} : { preset }), allow: [] };
}

/** One rule: `10.1.0.0/16`, `10.1.2.3:icmp`, `10.1.2.3:tcp/5432`, `0.0.0.0/0:udp/6000-6010`. @throws IgniteError `cli/usage` */
export function allowRule(word: string): Rule {
  const refuse = (what: string) =>
    usage(`--allow takes RANGE[:PROTOCOL[/PORT[-PORT]]] such as 10.1.2.3:tcp/5432, and ${what}`);
  const [, cidr = '', kind, ports] = /^([^:]*)(?::([^/]*)(?:\/(.*))?)?$/.exec(word) ?? [];
  if (!isIpv4Range(cidr)) throw refuse(`"${cidr || word}" is no range of IPv4 addresses`);
  if (kind === undefined) return { cidr };
  const protocol = PROTOCOLS.find((one) => one === kind);
  if (protocol === undefined) throw refuse(`"${kind}" is none of ${PROTOCOLS.join(', ')}`);
  if (ports === undefined) return { cidr, protocol };
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports) ?? [];
  if (first === undefined) throw refuse(`"${ports}" is no port and no range of ports`);
  return { cidr, protocol, port: Number(first), ...(last === undefined ? {} : { endPort: Number(last) }) };
}
