// The guest in the place of a namespace's interface: a tap for each, and every frame that comes in on one of the two
// goes out of the other. u32 filters, as some kernels lack matchall (tc-u32(8), tc-mirred(8)).
import type { Commands } from '../../host/index.ts';
import { ipBatch } from '../ip-batch.ts';
import type { GivenInterface } from '../port.ts';
import type { FoundInterface } from './interfaces.ts';
import type { Space } from './space.ts';

/** Name of a tap in a VM's namespace; the same in every VM. */
export function tapAt(index: number): string {
  return `tap${index}`;
}

/**
 * Makes taps for interfaces of a namespace that has none yet, and joins them.
 * @param uid who may open the taps
 */
export async function joinTaps(
  commands: Commands,
  space: Space,
  interfaces: readonly Pick<GivenInterface, 'name' | 'mtu' | 'dhcp'>[],
  uid: number,
  signal: AbortSignal,
): Promise<void> {
  const links = interfaces.flatMap(({ name, mtu }, index) => [
    `tuntap add dev ${tapAt(index)} mode tap user ${uid} vnet_hdr`,
    `link set dev ${tapAt(index)} mtu ${mtu} up`,
    `link set dev ${name} up`,
  ]);
  await ipBatch(commands, links, { netns: space.name }, signal);
  await wire(commands, space, interfaces, signal);
}

/** Joins taps that are there to interfaces that are new: what led to the old ones leads nowhere. */
export async function rejoinTaps(
  commands: Commands,
  space: Space,
  interfaces: readonly Pick<GivenInterface, 'name' | 'dhcp'>[],
  signal: AbortSignal,
): Promise<void> {
  for (const index of interfaces.keys())
    await commands.run(['tc', '-n', space.name, 'qdisc', 'del', 'dev', tapAt(index), 'ingress'], {
      signal,
      okCodes: [0, 1, 2],
    });
  await wire(commands, space, interfaces, signal);
}

async function wire(
  commands: Commands,
  space: Space,
  interfaces: readonly Pick<GivenInterface, 'name' | 'dhcp'>[],
  signal: AbortSignal,
): Promise<void> {
  const wires = interfaces.flatMap(({ name, dhcp }, index) => [
    ...wireLines(name, tapAt(index)),
    ...(dhcp === true ? [keepDhcp(tapAt(index))] : []),
  ]);
  await commands.run(['tc', '-n', space.name, '-batch', '-'], { input: `${wires.join('\n')}\n`, signal });
}

/** Lines of tc(8) that join two links of one namespace. */
export function wireLines(one: string, other: string): readonly string[] {
  return [...oneWay(one, other), ...oneWay(other, one)];
}

/** Questions for a DHCP server stay here, for ours: a filter with a class and no action lets a frame pass. */
function keepDhcp(tap: string): string {
  return `filter add dev ${tap} parent ffff: protocol ip prio 1 u32 match ip protocol 17 0xff match ip dport 67 0xffff flowid 1:1`;
}

function oneWay(from: string, to: string): readonly string[] {
  return [
    `qdisc add dev ${from} ingress`,
    `filter add dev ${from} parent ffff: protocol all prio 2 u32 match u32 0 0 action mirred egress redirect dev ${to}`,
  ];
}

/** Whether interface and tap are there and lead to each other. */
export async function isJoined(
  commands: Commands,
  space: Space,
  interfaces: readonly Pick<FoundInterface, 'name'>[],
  signal: AbortSignal,
): Promise<boolean> {
  const pairs = interfaces.flatMap(({ name }, index) => [
    [name, tapAt(index)] as const,
    [tapAt(index), name] as const,
  ]);
  const seen = await Promise.all(pairs.map(([from, to]) => leads(commands, space, from, to, signal)));
  return seen.every(Boolean);
}

async function leads(
  commands: Commands,
  space: Space,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<boolean> {
  const argv = ['tc', '-n', space.name, 'filter', 'show', 'dev', from, 'parent', 'ffff:'] as const;
  const { code, stdout } = await commands.run(argv, { signal, okCodes: [0, 1, 2, 255] });
  return code === 0 && stdout.includes(`Egress Redirect to device ${to})`);
}
