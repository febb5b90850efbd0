// One NIC on the host: its tap and its elements in our tables; made, looked at, removed.
import { IgniteError, isIgniteError } from '@ignite/api';
import type { RunOptions, RunResult } from '../host/index.ts';
import { hostSideMac } from './allocate.ts';
import { portTaken } from './bind.ts';
import { SOURCES } from './bridge-table.ts';
import {
  keysOf,
  type PortEntry,
  parsePortEntries,
  rootElements,
  sourceElement,
  targetOf,
} from './elements.ts';
import { hostListeners, parseRows, type Row, textOf } from './host-look.ts';
import { batch, isTapFor } from './links.ts';
import { BRIDGE, tapName, UPLINK } from './names.ts';
import { addElements, deleteElements } from './nft.ts';
import type { NetworkParts } from './options.ts';
import type { AttachContext, BoundNic } from './port.ts';
import { describePort, listenerOf } from './ports.ts';
import { PORTS, PORTS_AT, VMS } from './root-table.ts';

type Context = Pick<AttachContext, 'slot' | 'vmUid' | 'signal'> & Partial<Pick<AttachContext, 'vmName'>>;

/**
 * Refuses ports on which a program of the host listens.
 * @throws IgniteError `network/port-taken`
 */
export async function refuseHeldPorts(
  parts: NetworkParts,
  nic: BoundNic,
  signal: AbortSignal,
): Promise<void> {
  if (nic.ports.length === 0) return;
  const quick = await hostListeners(parts.commands, false, signal);
  const held = nic.ports.find((port) => listenerOf(port, quick) !== undefined);
  if (held === undefined) return;
  const holder = listenerOf(held, await hostListeners(parts.commands, true, signal))?.process;
  throw portTaken(held, holder ?? 'a program of the host');
}

/** Makes the tap in an existing network. Fails where it, or something of its name, is there already. */
export async function makeTap(parts: NetworkParts, nic: BoundNic, context: AttachContext): Promise<void> {
  const tap = tapName(parts.ordinal, context.slot);
  const lines = [`tuntap add dev ${tap} mode tap user ${context.uid} vnet_hdr`, ...plugLines(tap, nic)];
  await batch(parts.commands, lines, parts.names, context.signal);
}

/**
 * Keeps a tap that is there and right, makes it otherwise. A link of that name that is no tap was put there on
 * purpose (tests do) and is plugged in as it is.
 */
export async function ensureTap(parts: NetworkParts, nic: BoundNic, context: AttachContext): Promise<void> {
  const tap = tapName(parts.ordinal, context.slot);
  const found = await inside(parts, ['ip', '-j', '-d', 'link', 'show', 'dev', tap], { okCodes: [0, 1] });
  const row = parseRows(found.stdout)[0];
  if (row === undefined) return makeTap(parts, nic, context);
  const isTap = /"info_kind":"tun"/.test(found.stdout);
  if (isTap && !isTapFor(row, context.uid)) {
    await batch(parts.commands, [`link del dev ${tap}`], parts.names, context.signal);
    return makeTap(parts, nic, context);
  }
  await batch(parts.commands, plugLines(tap, nic), parts.names, context.signal);
}

/** The last line also proves that the way out of the network is there: without it the batch fails. */
function plugLines(tap: string, nic: BoundNic): readonly string[] {
  return [
    `link set dev ${tap} address ${hostSideMac(nic.mac)} mtu ${nic.mtu} master ${BRIDGE} addrgenmode none`,
    `link set dev ${tap} up`,
    `link set dev ${UPLINK} up`,
  ];
}

/** Adds the NIC's elements to both tables; what is there already is no error. */
export async function addRules(parts: NetworkParts, nic: BoundNic, context: Context): Promise<void> {
  const { commands, names, ordinal } = parts;
  const options = { signal: context.signal };
  const root = { family: 'inet', name: names.table } as const;
  const bridge = { family: 'bridge', name: names.table } as const;
  const elements = rootElements(nic, context);
  const lines = ([VMS, PORTS, PORTS_AT] as const).flatMap((set) => addElements(root, set, elements[set]));
  const sources = addElements(bridge, SOURCES, [sourceElement(tapName(ordinal, context.slot), nic)]);
  await Promise.all([
    inside(parts, ['nft', '-f', '-'], { ...options, input: text(sources) }),
    commands.run(['nft', '-f', '-'], { ...options, input: text(lines) }),
  ]);
}

/**
 * Makes room in the port maps: entries that lead elsewhere are another VM's and refused by name; our own with an
 * older VM port are deleted.
 * @throws IgniteError `network/port-taken`
 */
export async function clearOldPorts(parts: NetworkParts, nic: BoundNic, signal: AbortSignal): Promise<void> {
  const root = { family: 'inet', name: parts.names.table } as const;
  for (const [map, at] of PORT_MAPS) {
    const entries = await portEntries(parts, nic, map, signal);
    for (const { key, port } of keysOf(nic.ports, at)) {
      const entry = entries.find((candidate) => candidate.key === key);
      if (entry === undefined || entry.target === targetOf(nic, port)) continue;
      if (!isOwn(entry, nic)) throw portTaken(port, `VM ${entry.owner ?? entry.target}`);
      const script = text(deleteElements(root, map, [key]));
      await parts.commands.run(['nft', '-f', '-'], { signal, input: script });
    }
  }
}

const PORT_MAPS = [
  [PORTS, false],
  [PORTS_AT, true],
] as const;

/** What the port maps hold under the NIC's keys, whoever it belongs to. */
async function portEntries(
  parts: NetworkParts,
  nic: BoundNic,
  map: typeof PORTS | typeof PORTS_AT,
  signal: AbortSignal,
): Promise<readonly PortEntry[]> {
  const keys = keysOf(nic.ports, map === PORTS_AT).map(({ key }) => key);
  if (keys.length === 0) return [];
  const question = `get element inet ${parts.names.table} ${map} { ${keys.join(', ')} }`;
  // nft prints those it finds and exits 1 where one is missing.
  const { stdout } = await parts.commands.run(['nft', question], { signal, okCodes: [0, 1] });
  return parsePortEntries(stdout);
}

function isOwn(entry: PortEntry, nic: BoundNic): boolean {
  return entry.target.startsWith(`${nic.address} . `);
}

/** What there is of a NIC now. */
export interface NicSight {
  readonly tap: boolean;
  /** Tap and way out are up and on the bridge. */
  readonly plugged: boolean;
  readonly source: boolean;
  readonly vm: boolean;
  /** Keys of the port maps that lead to this VM. */
  readonly ports: readonly { readonly map: typeof PORTS | typeof PORTS_AT; readonly entry: PortEntry }[];
}

/** Looks for the tap and every element of the NIC. */
export async function lookAtNic(parts: NetworkParts, nic: BoundNic, context: Context): Promise<NicSight> {
  const { names, ordinal, commands } = parts;
  const tap = tapName(ordinal, context.slot);
  const quiet = { signal: context.signal, okCodes: [0, 1, 255] };
  const source = `get element bridge ${names.table} ${SOURCES} { ${sourceElement(tap, nic)} }`;
  const vm = `get element inet ${names.table} ${VMS} { ${nic.address} }`;
  const [links, sourceFound, vmFound, ...maps] = await Promise.all([
    linksNow(parts, [tap, UPLINK], context.signal),
    inside(parts, ['nft', source], quiet),
    commands.run(['nft', vm], quiet),
    ...PORT_MAPS.map(async ([map]) =>
      (await portEntries(parts, nic, map, context.signal)).map((entry) => ({ map, entry })),
    ),
  ]);
  return {
    tap: links.some((row) => textOf(row, 'ifname') === tap),
    plugged: links.filter(isPlugged).length === 2,
    source: sourceFound.code === 0,
    vm: vmFound.code === 0,
    ports: maps.flat().filter(({ entry }) => isOwn(entry, nic)),
  };
}

/** Those of the named links that exist in the network's namespace. */
async function linksNow(
  parts: NetworkParts,
  links: readonly string[],
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const { stdout } = await parts.commands.run(
    ['ip', '-n', parts.names.netns, '-j', '-force', '-batch', '-'],
    {
      input: text(links.map((link) => `link show dev ${link}`)),
      signal,
      okCodes: [0, 1, 255],
    },
  );
  return stdout.split('\n').flatMap(parseRows);
}

function isPlugged(row: Row): boolean {
  const flags = row['flags'];
  return textOf(row, 'master') === BRIDGE && Array.isArray(flags) && flags.includes('UP');
}

/** Removes what `sight` has of the NIC. */
export async function removeNic(
  parts: NetworkParts,
  nic: BoundNic,
  context: Context,
  sight: NicSight,
): Promise<void> {
  const { names, ordinal, commands } = parts;
  const root = { family: 'inet', name: names.table } as const;
  const bridge = { family: 'bridge', name: names.table } as const;
  const tap = tapName(ordinal, context.slot);
  const options = { signal: context.signal };
  const lines = [
    ...sight.ports.flatMap(({ map, entry }) => deleteElements(root, map, [entry.key])),
    ...(sight.vm ? deleteElements(root, VMS, [nic.address]) : []),
  ];
  const sources = sight.source ? deleteElements(bridge, SOURCES, [sourceElement(tap, nic)]) : [];
  await Promise.all([
    sight.tap ? batch(commands, [`link del dev ${tap}`], names, context.signal) : undefined,
    sources.length > 0 ? inside(parts, ['nft', '-f', '-'], { ...options, input: text(sources) }) : undefined,
    lines.length > 0 ? commands.run(['nft', '-f', '-'], { ...options, input: text(lines) }) : undefined,
    // The host forgets the MAC: the address may be another VM's next.
    commands.run(['ip', 'neighbour', 'flush', 'to', nic.address, 'dev', names.link], {
      ...options,
      okCodes: [0, 1, 255],
    }),
  ]);
}

/** The verdict of a look. */
export function verdictOf(sight: NicSight, nic: BoundNic): 'attached' | 'partial' | 'absent' {
  const right = nic.ports.every((port) => {
    const target = targetOf(nic, port);
    const keys = PORT_MAPS.flatMap(([, at]) => keysOf([port], at)).map(({ key }) => key);
    return sight.ports.some(({ entry }) => keys.includes(entry.key) && entry.target === target);
  });
  if (sight.tap && sight.plugged && sight.source && sight.vm && right) return 'attached';
  return sight.tap || sight.source || sight.vm || sight.ports.length > 0 ? 'partial' : 'absent';
}

/** The error for a NIC that is still there after it was removed. */
export function leftOver(sight: NicSight, nic: BoundNic, tap: string): IgniteError {
  const what = [
    ...(sight.tap ? [`tap ${tap}`] : []),
    ...(sight.source || sight.vm ? [`rules of ${nic.address}`] : []),
    ...nic.ports.slice(0, sight.ports.length).map((port) => `port ${describePort(port)}`),
  ];
  return new IgniteError('network/left-over', `Still there after removal: ${what.join(', ')}`, {
    details: { left: what },
  });
}

/** Whether a failure may be mended by making the network first. */
export function isRefusal(error: unknown): boolean {
  return isIgniteError(error, 'host/command-failed');
}

function inside(
  parts: NetworkParts,
  argv: readonly [string, ...string[]],
  options: RunOptions,
): Promise<RunResult> {
  return parts.commands.run(['nsenter', `--net=${parts.names.netnsPath}`, ...argv], options);
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
