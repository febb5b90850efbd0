// The network's namespace, its bridge and the veth to the root namespace: looked at first, then what is missing is
// made in one batch each.
import { IgniteError } from '@ignite/api';
import type { Commands } from '../../host/index.ts';
import { parsePrefix } from '../ipv4.ts';
import { bridgeMac } from './fixed.ts';
import { ipBatch } from '../ip-batch.ts';
import { parseRows, type Row, textOf } from '../host-look.ts';
import { runInside } from './inside.ts';
import { BRIDGE, type NetworkNames, UPLINK } from '../names.ts';
import type { NetworkParts } from './options.ts';
import type { NetworkRecord } from './record.ts';

/**
 * Makes namespace, bridge and veth, still down and without an address.
 * @param pid a process that is in the namespace, for the case that only the namespace's name was removed
 * @throws IgniteError `network/name-taken` where an interface of that name is not ours
 */
export async function ensureLinks(
  { commands, names }: Pick<NetworkParts, 'commands' | 'names'>,
  record: NetworkRecord,
  pid?: number,
): Promise<void> {
  if (pid !== undefined) await nameAgain(commands, names, pid);
  const [outside, inside] = await Promise.all([ownLink(commands, names), linksInside(commands, names)]);
  const whole = outside !== undefined && inside?.some((row) => textOf(row, 'ifname') === UPLINK) === true;
  // It may go by itself meanwhile: the kernel takes a deleted namespace apart in the background.
  if (outside !== undefined && !whole)
    await commands.run(['ip', 'link', 'del', 'dev', names.link], { okCodes: [0, 1] });
  if (inside === undefined) await makeNamespace(commands, names);
  if (!whole) await ipBatch(commands, vethLines(names, record));
  await ipBatch(commands, insideLines(record, inside ?? []), names);
  await routeBetweenNeighbours(commands, names);
}

/** Gives the veth its address and brings it up: after the tables that protect the host are there. */
export async function openGateway(
  commands: Commands,
  names: NetworkNames,
  record: NetworkRecord,
): Promise<void> {
  const length = parsePrefix(record.subnet)?.length ?? 32;
  await ipBatch(commands, [
    `link set dev ${names.link} up`,
    `address replace ${record.gateway}/${length} dev ${names.link}`,
  ]);
}

/** Removes veth and namespace; what is gone already is no error, what is not ours stays. */
export async function removeLinks(commands: Commands, names: NetworkNames): Promise<void> {
  if ((await findLink(commands, names))?.ours === true)
    await commands.run(['ip', 'link', 'del', 'dev', names.link], { okCodes: [0, 1] });
  if (await namespaceExists(commands, names)) await commands.run(['ip', 'netns', 'del', names.netns]);
}

/** Whether the namespace has its name. */
async function namespaceExists(commands: Commands, names: NetworkNames): Promise<boolean> {
  const { stdout } = await commands.run(['ip', 'netns', 'list']);
  return stdout.split('\n').some((line) => line.split(' ')[0] === names.netns);
}

/** A link of the root namespace with our name, and whether it bears our mark. */
async function findLink(
  commands: Commands,
  names: NetworkNames,
): Promise<{ readonly ours: boolean } | undefined> {
  const { stdout } = await commands.run(['ip', '-j', 'link', 'show', 'dev', names.link], { okCodes: [0, 1] });
  const row = parseRows(stdout)[0];
  return row === undefined ? undefined : { ours: textOf(row, 'ifalias') === names.alias };
}

async function ownLink(commands: Commands, names: NetworkNames): Promise<true | undefined> {
  const found = await findLink(commands, names);
  if (found?.ours === false)
    throw new IgniteError(
      'network/name-taken',
      `The interface ${names.link} of this host was not made by this engine`,
      { details: { interface: names.link } },
    );
  return found === undefined ? undefined : true;
}

async function linksInside(commands: Commands, names: NetworkNames): Promise<readonly Row[] | undefined> {
  if (!(await namespaceExists(commands, names))) return undefined;
  const { code, stdout } = await commands.run(['ip', '-n', names.netns, '-j', '-d', 'link', 'show'], {
    okCodes: [0, 1, 255],
    maxOutputBytes: 16 << 20,
  });
  return code === 0 ? parseRows(stdout) : undefined;
}

/** A namespace in which VMs run lives on without its name; it gets it back, with bridge and taps as they were. */
async function nameAgain(commands: Commands, names: NetworkNames, pid: number): Promise<void> {
  const held = await commands.run(['ip', '-n', names.netns, 'link', 'show', 'dev', BRIDGE], {
    okCodes: [0, 1, 255],
  });
  if (held.code === 0) return;
  await commands.run(['ip', 'netns', 'del', names.netns], { okCodes: [0, 1] });
  // The process may have ended meanwhile; then there is nothing to keep.
  await commands.run(['ip', 'netns', 'attach', names.netns, String(pid)], { okCodes: [0, 1, 255] });
}

async function makeNamespace(commands: Commands, names: NetworkNames): Promise<void> {
  // A file without a namespace behind it (its mount was lost) has the name, too.
  await commands.run(['ip', 'netns', 'del', names.netns], { okCodes: [0, 1] });
  await commands.run(['ip', 'netns', 'add', names.netns]);
  // Before any link is made in it: none of them speaks IPv6. A kernel booted with ipv6.disable=1 has no such switch.
  await runInside({ commands, names }, ['tee', NO_IPV6], { input: '1', okCodes: [0, 1] });
}

function vethLines(names: NetworkNames, record: NetworkRecord): readonly string[] {
  return [
    `link add name ${names.link} address ${record.gatewayMac} mtu ${record.mtu} type veth peer name ${UPLINK} mtu ${record.mtu} netns ${names.netns}`,
    `link set dev ${names.link} alias "${names.alias}"`,
  ];
}

function insideLines(record: NetworkRecord, rows: readonly Row[]): readonly string[] {
  const bridge = rows.find((row) => textOf(row, 'ifname') === BRIDGE);
  const uplink = rows.find((row) => textOf(row, 'ifname') === UPLINK);
  const make = `link add name ${BRIDGE} address ${bridgeMac(record)} mtu ${record.mtu} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`;
  return [
    ...(bridge === undefined ? [make] : []),
    `link set dev ${BRIDGE} up`,
    // Refusals between neighbours come from the gateway's address; packets for it never get here (bridge-table.ts).
    `address replace ${record.gateway}/32 dev ${BRIDGE}`,
    `route replace ${record.subnet} dev ${BRIDGE} scope link`,
    ...(textOf(uplink, 'master') === BRIDGE ? [] : [`link set dev ${UPLINK} master ${BRIDGE}`]),
    `link set dev ${UPLINK} up`,
  ];
}

const NO_IPV6 = '/proc/sys/net/ipv6/conf/default/disable_ipv6';

const ON = ['forwarding', 'proxy_arp_pvlan'].map((name) => `/proc/sys/net/ipv4/conf/${BRIDGE}/${name}`);

const OFF = [
  // Frames between VMs need not pass the IP hooks a second time; the switch is per namespace since Linux 5.3.
  '/proc/sys/net/bridge/bridge-nf-call-iptables',
  // A redirect would send a guest to its neighbour itself, past us.
  '/proc/sys/net/ipv4/conf/all/send_redirects',
  `/proc/sys/net/ipv4/conf/${BRIDGE}/send_redirects`,
  // Answers to ARP for neighbours wait up to 0.8 s otherwise (arp(7)).
  `/proc/sys/net/ipv4/neigh/${BRIDGE}/proxy_delay`,
];

/** The namespace answers ARP for a guest's neighbours and routes to them (ip-sysctl.rst, proxy_arp_pvlan). */
async function routeBetweenNeighbours(commands: Commands, names: NetworkNames): Promise<void> {
  await runInside({ commands, names }, ['tee', ...ON], { input: '1' });
  await runInside({ commands, names }, ['tee', ...OFF], { input: '0', okCodes: [0, 1] });
}
