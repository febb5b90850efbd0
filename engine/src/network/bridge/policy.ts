// What a VM's policy means in our tables: a verdict by its address, and a chain of its own where it has rules. The
// number of rules that a packet meets depends on its own VM's rules alone. Pure.
import type { NetworkPolicy } from '@ignite/api';
import type { NftChain, NftSet } from './nft.ts';
import type { BridgeNic, VmPolicy } from '../port.ts';

/** Address of a VM → its policy's verdict; a VM with the preset `lan` and no rules is not in it. */
export const POLICIES = 'policies';
/** Addresses of VMs to which nothing is begun: those with the preset `none`. */
export const CLOSED = 'closed';
/** What was refused: source . destination . protocol . port, with counters. */
export const DENIED = 'denied';
/** The same for protocols without ports. */
export const DENIED_OTHER = 'denied_other';
/** Source → how often it was refused; whole even where `DENIED` is full. */
export const DENIERS = 'deniers';

type Preset = NonNullable<NetworkPolicy['preset']>;
type Rule = Readonly<NonNullable<NetworkPolicy['allow']>[number]>;

const DEFAULT_PRESET: Preset = 'lan';
/** How many different refusals are kept, and for how long: a guest that scans must not fill the host's memory. */
const MOST_DENIED = 16_384;
const KEPT_FOR = '1h';

/** Name of a preset's chain. */
export function presetChain(preset: Preset): string {
  return `preset_${preset}`;
}

/** Name of the chain of a VM with rules. */
export function ownChain(nic: Pick<BridgeNic, 'address'>): string {
  return `vm_${nic.address.replaceAll('.', '_')}`;
}

/** The element of `POLICIES` for a NIC; none for what every VM may. */
export function policyElements(nic: Pick<BridgeNic, 'address'>, policy: VmPolicy = {}): readonly string[] {
  const { preset = DEFAULT_PRESET, allow = [] } = policy;
  if (allow.length > 0) return [`${nic.address} : jump ${ownChain(nic)}`];
  return preset === DEFAULT_PRESET ? [] : [`${nic.address} : jump ${presetChain(preset)}`];
}

/** The element of `CLOSED` for a NIC. */
export function closedElements(nic: Pick<BridgeNic, 'address'>, policy: VmPolicy = {}): readonly string[] {
  return policy.preset === 'none' ? [nic.address] : [];
}

/** The chain of a NIC whose VM has rules: what they allow, then the preset. */
export function policyChains(nic: Pick<BridgeNic, 'address'>, policy: VmPolicy = {}): readonly NftChain[] {
  const { preset = DEFAULT_PRESET, allow = [] } = policy;
  if (allow.length === 0) return [];
  return [{ name: ownChain(nic), rules: [...allow.map(allowRule), `goto ${presetChain(preset)}`] }];
}

function allowRule({ cidr, protocol, port, endPort = port }: Rule): string {
  const ports =
    port === undefined ? '' : ` ${protocol} dport ${port === endPort ? port : `${port}-${endPort}`}`;
  const kind = protocol === undefined || port !== undefined ? '' : ` meta l4proto ${protocol}`;
  return `ip daddr ${cidr}${kind}${ports} accept`;
}

/**
 * Sets of policies.
 * @param elements of `POLICIES` and `CLOSED`; absent: what they hold stays
 */
export function policySets(
  elements: { readonly [POLICIES]: readonly string[]; readonly [CLOSED]: readonly string[] } | undefined,
): readonly NftSet[] {
  const given = (name: typeof POLICIES | typeof CLOSED) =>
    elements === undefined ? {} : { elements: elements[name] };
  const bounded = `size ${MOST_DENIED}; flags dynamic,timeout; timeout ${KEPT_FOR};`;
  return [
    { kind: 'map', name: POLICIES, spec: 'type ipv4_addr : verdict;', ...given(POLICIES) },
    { kind: 'set', name: CLOSED, spec: 'type ipv4_addr;', ...given(CLOSED) },
    { kind: 'set', name: DENIED, spec: `type ipv4_addr . ipv4_addr . inet_proto . inet_service; ${bounded}` },
    { kind: 'set', name: DENIED_OTHER, spec: `type ipv4_addr . ipv4_addr . inet_proto; ${bounded}` },
    { kind: 'set', name: DENIERS, spec: 'type ipv4_addr; size 65535; flags dynamic;' },
  ];
}

/** Counts a refused packet by source and destination, and rejects it so that the sender knows at once. */
export function denyChains(): readonly NftChain[] {
  return [
    {
      // Told at once, so that nothing waits for a deadline. A reset is not rate-limited by the kernel, ICMP is.
      name: 'refuse',
      rules: ['meta l4proto tcp reject with tcp reset', 'reject with icmpx type admin-prohibited'],
    },
    {
      name: 'deny',
      rules: [
        `meta l4proto { tcp, udp } update @${DENIED} { ip saddr . ip daddr . meta l4proto . th dport counter }`,
        `meta l4proto != { tcp, udp } update @${DENIED_OTHER} { ip saddr . ip daddr . meta l4proto counter }`,
        `update @${DENIERS} { ip saddr counter }`,
        'jump refuse',
      ],
    },
  ];
}
