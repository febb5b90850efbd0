// The inet table inside a network's namespace: traffic between its VMs. Frames from tap to tap do not pass the bridge
// (bridge-table.ts): the namespace answers ARP for neighbours and routes, so that conntrack of the IP layer, which
// every kernel has, sees them. It lives apart from the host's ruleset and from its firewalls.
import type { NftTable } from './nft.ts';
import { CLOSED, denyChains, POLICIES, policySets, presetChain } from './policy.ts';
import type { NftChain } from './nft.ts';

/** Addresses of the network's VMs. */
export const NEIGHBOURS = 'neighbours';

/** What the table holds of VMs. */
export interface NeighbourElements {
  readonly [NEIGHBOURS]: readonly string[];
  readonly [POLICIES]: readonly string[];
  readonly [CLOSED]: readonly string[];
  /** Chains of VMs with rules. */
  readonly chains: readonly NftChain[];
}

/** The table's content. @param elements absent: what the sets hold stays */
export function neighbourTable(
  name: string,
  { subnet, gateway }: { readonly subnet: string; readonly gateway: string },
  elements?: NeighbourElements,
): NftTable {
  const given = elements === undefined ? {} : { elements: elements[NEIGHBOURS] };
  return {
    family: 'inet',
    name,
    sets: [{ kind: 'set', name: NEIGHBOURS, spec: 'type ipv4_addr;', ...given }, ...policySets(elements)],
    chains: [
      ...denyChains(),
      ...(['lan', 'public', 'isolated'] as const).map((preset) => ({ name: presetChain(preset), rules: [] })),
      { name: presetChain('none'), rules: ['goto deny'] },
      ...(elements?.chains ?? []),
      {
        name: 'between',
        hook: 'type filter hook forward priority filter; policy drop;',
        rules: [
          // With bridge netfilter on, frames from and to the host pass here, too; they are the host's to judge.
          `ip saddr != ${subnet} accept`,
          `ip daddr != ${subnet} accept`,
          `ip saddr ${gateway} accept`,
          `ip daddr ${gateway} accept`,
          'ct state established,related accept',
          'ct state invalid drop',
          `ip daddr @${CLOSED} goto deny`,
          `ip saddr vmap @${POLICIES}`,
          `ip daddr @${NEIGHBOURS} accept`,
          'reject with icmpx type host-unreachable',
        ],
      },
      // Nothing of the namespace itself listens.
      { name: 'input', hook: 'type filter hook input priority filter; policy drop;', rules: [] },
    ],
  };
}
