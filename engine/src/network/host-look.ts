// What the driver asks the host: routes, interfaces, listening sockets. Output of iproute2 in JSON, checked.
import type { Commands } from '../host/index.ts';
import { type Prefix, parsePrefix } from './ipv4.ts';
import { type Listener, parseListeners } from './ports.ts';

/** A row of `ip -j`. */
export type Row = Readonly<Record<string, unknown>>;

/** The rows that an `ip -j` command printed; none for empty or broken output. */
export function parseRows(text: string): readonly Row[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  try {
    const value: unknown = JSON.parse(trimmed);
    return Array.isArray(value) ? value.filter(isRow) : [];
  } catch {
    return [];
  }
}

/** A text field of a row; empty where it is none. */
export function textOf(row: Row | undefined, field: string): string {
  const value = row?.[field];
  return typeof value === 'string' ? value : '';
}

/** A field of a row that is itself a row. */
export function rowOf(row: Row | undefined, field: string): Row | undefined {
  const value = row?.[field];
  return isRow(value) ? value : undefined;
}

/** A destination that the host has a route for, and the device it leads to; empty for a route without one. */
interface HostRoute {
  readonly prefix: Prefix;
  readonly device: string;
}

/** All routes in all tables, without default routes and without those of links of our own. */
export async function hostRoutes(
  commands: Commands,
  isOurs: (link: string) => boolean,
  signal?: AbortSignal,
): Promise<readonly HostRoute[]> {
  const result = await commands.run(['ip', '-j', '-4', 'route', 'show', 'table', 'all'], options(signal));
  return parseRows(result.stdout).flatMap((row) => {
    const device = textOf(row, 'dev');
    const prefix = parsePrefix(textOf(row, 'dst'));
    return prefix === undefined || isOurs(device) ? [] : [{ prefix, device }];
  });
}

/** The smallest MTU among the devices of the default routes; 1500 on a host without one. */
export async function uplinkMtu(commands: Commands, signal?: AbortSignal): Promise<number> {
  const [routes, links] = await Promise.all([
    commands.run(['ip', '-j', '-4', 'route', 'show', 'default'], options(signal)),
    commands.run(['ip', '-j', 'link', 'show'], options(signal)),
  ]);
  const devices = new Set(parseRows(routes.stdout).map((row) => textOf(row, 'dev')));
  const sizes = parseRows(links.stdout)
    .filter((row) => devices.has(textOf(row, 'ifname')))
    .flatMap((row) => (typeof row['mtu'] === 'number' ? [row['mtu']] : []));
  return sizes.length === 0 ? 1500 : Math.min(...sizes, 65_535);
}

/** An interface and its IPv4 addresses. */
interface AddressedInterface {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** Interfaces with an IPv4 address, without loopback. */
export function addressedInterfaces(
  commands: Commands,
  signal?: AbortSignal,
): Promise<readonly AddressedInterface[]> {
  return shownInterfaces(commands, [], signal);
}

/** Those of them that are up. */
export function upInterfaces(commands: Commands): Promise<readonly AddressedInterface[]> {
  return shownInterfaces(commands, ['up']);
}

async function shownInterfaces(
  commands: Commands,
  which: readonly string[],
  signal?: AbortSignal,
): Promise<readonly AddressedInterface[]> {
  const result = await commands.run(['ip', '-j', '-4', 'address', 'show', ...which], options(signal));
  return parseRows(result.stdout).flatMap((row) => {
    const name = textOf(row, 'ifname');
    const list = row['addr_info'];
    const addresses = Array.isArray(list) ? list.filter(isRow).map((info) => textOf(info, 'local')) : [];
    return name === '' || name === 'lo' || addresses.length === 0 ? [] : [{ name, addresses }];
  });
}

/**
 * Sockets of the host that listen.
 * @param withProcesses who holds them, too; slow on a host with many processes
 */
export async function hostListeners(
  commands: Commands,
  withProcesses: boolean,
  signal?: AbortSignal,
): Promise<readonly Listener[]> {
  const flags = withProcesses ? '-Hltunp' : '-Hltun';
  return parseListeners((await commands.run(['ss', flags], options(signal))).stdout);
}

/** A host may have 100,000 routes; of a list that was cut short nothing could be read. */
const MOST_BYTES = 64 << 20;

/** Command options with a signal where there is one. */
function options(signal: AbortSignal | undefined) {
  return { maxOutputBytes: MOST_BYTES, ...(signal === undefined ? {} : { signal }) };
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
