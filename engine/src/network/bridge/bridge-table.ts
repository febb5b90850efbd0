// The bridge table inside the network's namespace: a guest sends only with the MAC and the address it was given, and to
// its neighbours only by way of the namespace's own address (neighbour-table.ts). It lives apart from the host's ruleset, so `nft flush ruleset` out there does not open it.
import { type NftTable, wholeMark } from './nft.ts';
import { UPLINK } from '../names.ts';

/** tap . MAC . address of every attached NIC. */
export const SOURCES = 'sources';

/**
 * The table's content.
 * @param gateway address of the host on this network, which answers for itself
 * @param isWhole no VM's elements are missing in the table
 * @param elements what `sources` holds; absent: what it holds stays
 */
export function bridgeTable(
  name: string,
  gateway: string,
  isWhole: boolean,
  elements?: readonly string[],
): NftTable {
  return {
    family: 'bridge',
    name,
    sets: [
      wholeMark(isWhole),
      {
        kind: 'set',
        name: SOURCES,
        spec: 'type ifname . ether_addr . ipv4_addr;',
        ...(elements === undefined ? {} : { elements }),
      },
    ],
    chains: [
      {
        name: 'from',
        // Before the bridge learns the sender's MAC. What is not named is dropped: IPv6, VLAN tags, STP, LLDP.
        hook: 'type filter hook prerouting priority dstnat; policy drop;',
        rules: [
          `iifname "${UPLINK}" accept`,
          // The host's loopback, should the table outside be missing (DESIGN section 5, route_localnet).
          'ether type ip ip daddr 127.0.0.0/8 drop',
          `ether type ip iifname . ether saddr . ip saddr @${SOURCES} accept`,
          `ether type arp iifname . ether saddr . arp saddr ip @${SOURCES} iifname . arp saddr ether . arp saddr ip @${SOURCES} accept`,
        ],
      },
      {
        name: 'between',
        hook: 'type filter hook forward priority filter; policy accept;',
        rules: [`iifname != "${UPLINK}" oifname != "${UPLINK}" drop`],
      },
      {
        // What the namespace itself hears: a guest's questions for neighbours, and packets to them.
        name: 'heard',
        hook: 'type filter hook input priority filter; policy drop;',
        rules: [
          `iifname "${UPLINK}" drop`,
          `ether type arp arp operation request arp daddr ip != ${gateway} accept`,
          'ether type ip accept',
        ],
      },
      {
        // It has the gateway's address for its refusals; a question with it would spoil the guests' ARP caches.
        name: 'said',
        hook: 'type filter hook output priority filter; policy accept;',
        rules: ['ether type arp arp operation request drop'],
      },
    ],
  };
}
