// Our one table in the root namespace: NAT, published ports, protection of the host and of other networks. The
// number of rules that a packet meets does not depend on the number of VMs; those are elements of sets.
import { type NftChain, type NftSet, type NftTable, wholeMark } from './nft.ts';
import { METADATA_PLACES } from '../metadata-places.ts';
import { CLOSED, denyChains, POLICIES, policySets, presetChain } from './policy.ts';

interface RootTableFacts {
  readonly table: string;
  readonly networks: readonly RootNetwork[];
  /** Interfaces on which forwarding is on only because we turned it on. */
  readonly opened: readonly string[];
  /** DNS servers of the host; port 53 of the gateways is forwarded to them in turn. */
  readonly resolvers: readonly string[];
  /** Whether questions go to a socket on the gateway's own address while there is one. */
  readonly ownResolver: boolean;
  /** No VM's elements are missing in the table. */
  readonly isWhole: boolean;
  /** Elements of the sets of VMs; absent: what they hold stays. */
  readonly elements?: RootElements;
}

/** What the table holds of one network. */
interface RootNetwork {
  /** The veth with the gateway address. */
  readonly link: string;
  readonly subnet: string;
  readonly gateway: string;
  /** Instead of the host's. */
  readonly resolvers?: readonly string[];
}

/** What a table holds about VMs. */
export interface RootElements {
  readonly [VMS]: readonly string[];
  readonly [PORTS]: readonly string[];
  readonly [PORTS_AT]: readonly string[];
  readonly [POLICIES]: readonly string[];
  readonly [CLOSED]: readonly string[];
  /** Chains of VMs with rules. */
  readonly chains: readonly NftChain[];
}

/** Addresses of attached VMs. */
export const VMS = 'vms';
/** protocol . host port → VM address . VM port, on every address of the host. */
export const PORTS = 'ports';
/** host address . protocol . host port → VM address . VM port. */
export const PORTS_AT = 'ports_at';

/** The table's content. */
export function rootTable(facts: RootTableFacts): NftTable {
  return {
    family: 'inet',
    name: facts.table,
    sets: [
      wholeMark(facts.isWhole),
      ...settings(facts),
      ...ofVms(facts.elements),
      ...policySets(facts.elements),
    ],
    chains: [
      sieve(),
      ...publishing(),
      ...resolving(facts),
      masquerading(),
      ...denyChains(),
      ...presets(),
      ...(facts.elements?.chains ?? []),
      ...verdicts(),
      ...filter(),
    ],
  };
}

function settings({ networks, ...facts }: RootTableFacts): readonly NftSet[] {
  const opened = facts.opened.map((name) => `"${name}"`);
  const links = networks.map(({ link }) => `"${link}"`);
  const subnets = networks.map(({ subnet }) => subnet);
  const gateways = networks.map(({ gateway }) => gateway);
  return [
    { kind: 'set', name: 'links', spec: 'type ifname;', elements: links },
    // In and out by the same link.
    {
      kind: 'set',
      name: 'own',
      spec: 'type ifname . ifname;',
      elements: links.map((link) => `${link} . ${link}`),
    },
    { kind: 'set', name: 'nets', spec: 'type ipv4_addr; flags interval;', elements: subnets },
    { kind: 'set', name: 'gateways', spec: 'type ipv4_addr;', elements: gateways },
    { kind: 'set', name: 'opened', spec: 'type ifname;', elements: opened },
  ];
}

function ofVms(elements: RootElements | undefined): readonly NftSet[] {
  const port = 'inet_proto . inet_service';
  const target = 'ipv4_addr . inet_service';
  const given = (name: typeof VMS | typeof PORTS | typeof PORTS_AT) =>
    elements === undefined ? {} : { elements: elements[name] };
  return [
    { kind: 'set', name: VMS, spec: 'type ipv4_addr;', ...given(VMS) },
    { kind: 'map', name: PORTS, spec: `type ${port} : ${target};`, ...given(PORTS) },
    { kind: 'map', name: PORTS_AT, spec: `type ipv4_addr . ${port} : ${target};`, ...given(PORTS_AT) },
  ];
}

/** What must not even reach connection tracking: crafted addresses. */
function sieve(): NftChain {
  return {
    name: 'sieve',
    hook: 'type filter hook prerouting priority raw; policy accept;',
    rules: [
      // route_localnet is on for our veth, so the kernel itself would deliver these to services on 127.0.0.1.
      'iifname @links ip daddr 127.0.0.0/8 drop',
      'iifname @links ip saddr 127.0.0.0/8 drop',
      `iifname @links ip saddr != @${VMS} drop`,
      'iifname @links meta nfproto ipv6 drop',
      'iifname != @links iifname != "lo" ip saddr @nets drop',
    ],
  };
}

function publishing(): readonly NftChain[] {
  const jump = 'meta l4proto { tcp, udp } fib daddr type local jump publish';
  return [
    {
      name: 'publish',
      rules: [
        `dnat ip to ip daddr . meta l4proto . th dport map @${PORTS_AT}`,
        `dnat ip to meta l4proto . th dport map @${PORTS}`,
      ],
    },
    {
      name: 'publish_in',
      hook: 'type nat hook prerouting priority dstnat; policy accept;',
      // Port 53 of the gateway is DNS, whatever is published.
      rules: [`${QUESTION} accept`, jump],
    },
    { name: 'publish_out', hook: 'type nat hook output priority -100; policy accept;', rules: [jump] },
  ];
}

/** Before publishing: port 53 of the gateway is DNS, whatever is published. */
const QUESTION = 'iifname @links ip daddr @gateways meta l4proto { tcp, udp } th dport 53';
/** nftables' socket expression, Linux 5.10. */
export const OWN_SOCKET = 'socket wildcard 0';

function resolving({ networks, resolvers, ownResolver }: RootTableFacts): readonly NftChain[] {
  const own = networks.flatMap((network) =>
    toResolvers(network.resolvers ?? []).map((rule) => `ip daddr ${network.gateway} ${rule}`),
  );
  return [
    { name: 'resolve', rules: [...own, ...toResolvers(resolvers)] },
    {
      name: 'resolve_in',
      hook: 'type nat hook prerouting priority dstnat - 1; policy accept;',
      rules: [
        // Bound to all addresses is somebody else's.
        ...(ownResolver ? [`${QUESTION} ${OWN_SOCKET} accept`] : []),
        `${QUESTION} jump resolve`,
      ],
    },
  ];
}

/** In turn, so that a question repeated after one server's silence goes to the next. */
function toResolvers(resolvers: readonly string[]): readonly string[] {
  if (resolvers.length === 0) return [];
  const choices = resolvers.map((server, index) => `${index} : ${server}`).join(', ');
  return [`dnat ip to numgen inc mod ${resolvers.length} map { ${choices} }`];
}

function masquerading(): NftChain {
  return {
    name: 'disguise',
    hook: 'type nat hook postrouting priority srcnat; policy accept;',
    rules: [
      // A guest cannot answer 127.0.0.1, nor a neighbour on its own bridge that asked the host.
      'oifname @links ip saddr 127.0.0.0/8 masquerade',
      'oifname @links ip saddr @nets ct status dnat masquerade',
      'oifname != @links ip saddr @nets masquerade',
    ],
  };
}

const DNS_OF_GATEWAY =
  'meta l4proto { tcp, udp } th dport 53 ct status dnat ct original ip daddr @gateways accept';

/** What a VM may begin. A packet to the host itself goes back to where the host's own answers are decided. */
function presets(): readonly NftChain[] {
  const toHost = 'fib daddr type local return';
  // Published ports of VMs, by way of the host; VMs of other networks have no other way in.
  const published = ['oifname @links ct status dnat accept', 'oifname @links goto deny'];
  return [
    {
      name: presetChain('lan'),
      rules: [toHost, ...published, METADATA, 'accept'],
    },
    {
      name: presetChain('public'),
      rules: [toHost, ...published, METADATA, `ip daddr { ${PRIVATE} } goto deny`, 'accept'],
    },
    {
      name: presetChain('isolated'),
      rules: [toHost, 'iifname . oifname @own ct status dnat accept', 'goto deny'],
    },
    { name: presetChain('none'), rules: [toHost, 'goto deny'] },
  ];
}

const METADATA = `ip daddr { ${METADATA_PLACES.join(', ')} } goto deny`;
/** RFC 1918 and RFC 6598. */
const PRIVATE = '10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10';

function verdicts(): readonly NftChain[] {
  return [
    {
      name: 'from_vm',
      rules: [
        'ct state established,related accept',
        'ct state invalid drop',
        DNS_OF_GATEWAY,
        `ip daddr @${CLOSED} goto deny`,
        `ip saddr vmap @${POLICIES}`,
        `goto ${presetChain('lan')}`,
      ],
    },
    {
      name: 'to_vm',
      rules: [
        'ct state established,related accept',
        `ip daddr @${CLOSED} jump refuse`,
        'ct status dnat accept',
        'jump refuse',
      ],
    },
    {
      name: 'to_host',
      rules: [
        'ct state established,related accept',
        DNS_OF_GATEWAY,
        'ip daddr @gateways meta l4proto { tcp, udp } th dport 53 accept',
        `ip saddr vmap @${POLICIES}`,
        `ip saddr != @${CLOSED} ip daddr @gateways icmp type echo-request accept`,
        'goto deny',
      ],
    },
  ];
}

function filter(): readonly NftChain[] {
  return [
    {
      name: 'forward',
      hook: 'type filter hook forward priority filter; policy accept;',
      rules: [
        'iifname @links goto from_vm',
        'oifname @links goto to_vm',
        // These interfaces forward only because our VMs need it: the host does not become a router between them.
        'iifname @opened oifname @opened ct state new drop',
      ],
    },
    {
      name: 'to_link',
      hook: 'type filter hook output priority filter; policy accept;',
      // A VM that reaches its neighbour's published port by way of the host would be sent to the neighbour itself.
      rules: [
        'oifname @links icmp type redirect drop',
        `oifname @links ct state new ip daddr @${CLOSED} reject`,
      ],
    },
    {
      // Last, where a chain ends up that each script deletes and makes again: so the table is the same after each.
      name: 'input',
      // Before ufw and its like: what they would drop in silence is refused at once, and counted as denied.
      hook: 'type filter hook input priority filter - 1; policy accept;',
      moved: true, // it was at `filter`
      rules: ['iifname @links jump to_host'],
    },
  ];
}
