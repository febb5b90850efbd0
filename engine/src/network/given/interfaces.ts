// From the output of ip(8) in a namespace to the guest's configuration. Pure.
import { type Row, textOf } from '../host-look.ts';
import { formatPrefix, parsePrefix } from '../ipv4.ts';
import type { GivenInterface, GuestRoute } from '../port.ts';

/** An interface of a namespace. */
export interface FoundInterface extends Omit<GivenInterface, 'dns'> {
  readonly name: string;
}

/** Made by the kernel in each new namespace, where their modules are loaded. */
const KERNELS_OWN: ReadonlySet<string> = new Set([
  'lo',
  'sit0',
  'tunl0',
  'ip6tnl0',
  'gre0',
  'gretap0',
  'erspan0',
]);

/** The guest's first interface. */
export const FIRST = 'eth0';

/**
 * The interfaces in the order in which the guest sees them: eth0, then by name (the original's, SNW-05).
 * @param links rows of `ip -j address show`
 * @param routes rows of `ip -j -4 route show`, and of `-6`
 */
export function foundInterfaces(
  links: readonly Row[],
  [routes = [], routes6 = []]: readonly (readonly Row[])[],
): readonly FoundInterface[] {
  return links
    .filter((row) => !KERNELS_OWN.has(textOf(row, 'ifname')) && textOf(row, 'ifname') !== '')
    .map((row) => foundInterface(row, routes, routes6))
    .toSorted((a, b) => rank(a).localeCompare(rank(b), 'en'));
}

function rank({ name }: FoundInterface): string {
  return `${name === FIRST ? 0 : 1}${name}`;
}

function foundInterface(row: Row, routes: readonly Row[], routes6: readonly Row[]): FoundInterface {
  const name = textOf(row, 'ifname');
  const ofName = (route: Row) => textOf(route, 'dev') === name;
  const own = routes.filter(ofName);
  const { mtu } = row;
  return {
    name,
    mac: textOf(row, 'address'),
    mtu: typeof mtu === 'number' ? mtu : 1500,
    ...addressOf(row, own),
    ...furtherOf(row),
    ...routesOf(own, routes6.filter(ofName)),
  };
}

/** The first IPv4 address that is not only the link's. */
function addressOf(row: Row, routes: readonly Row[]): Pick<FoundInterface, 'address' | 'prefixLength'> {
  const first = addressRows(row).find((info) => textOf(info, 'family') === 'inet');
  if (first === undefined) return {};
  const address = textOf(first, 'local');
  const length = typeof first['prefixlen'] === 'number' ? first['prefixlen'] : 32;
  const subnet = parsePrefix(`${address}/${length}`);
  // ptp and its like take the kernel's route of the subnet away: neighbours are reached by the gateway, too.
  const direct = routes.some(
    (route) =>
      textOf(route, 'gateway') === '' &&
      subnet !== undefined &&
      textOf(route, 'dst') === formatPrefix(subnet),
  );
  return { address, prefixLength: direct ? length : 32 };
}

/** All addresses but the first of IPv4, and what the kernel gives each link. */
function furtherOf(row: Row): Pick<FoundInterface, 'further'> {
  const addresses = addressRows(row).filter((info) => textOf(info, 'scope') !== 'link');
  const first = addresses.find((info) => textOf(info, 'family') === 'inet');
  const further = addresses.flatMap((info) =>
    info === first || typeof info['prefixlen'] !== 'number'
      ? []
      : [`${textOf(info, 'local')}/${info['prefixlen']}`],
  );
  return further.length === 0 ? {} : { further };
}

function addressRows(row: Row): readonly Row[] {
  const list: readonly unknown[] = Array.isArray(row['addr_info']) ? row['addr_info'] : [];
  return list.filter(isRow);
}

function routesOf(rows: readonly Row[], rows6: readonly Row[]): Pick<FoundInterface, 'gateway' | 'routes'> {
  const all = rows.filter((row) => textOf(row, 'protocol') !== 'kernel').flatMap(routeOf);
  const byDefault = all.find(({ to, via }) => to === ANYWHERE && via !== undefined);
  const others = [
    ...all.filter((route) => route.to !== ANYWHERE || byDefault === undefined),
    ...rows6.flatMap(route6Of),
  ];
  // What leads to a gateway is made before what leads through it.
  const routes = [
    ...others.filter(({ via }) => via === undefined),
    ...others.filter(({ via }) => via !== undefined),
  ];
  return {
    ...(byDefault?.via === undefined ? {} : { gateway: byDefault.via }),
    ...(routes.length === 0 ? {} : { routes }),
  };
}

const ANYWHERE = '0.0.0.0/0';

function routeOf(row: Row): readonly GuestRoute[] {
  const dst = textOf(row, 'dst');
  const to = dst === 'default' ? ANYWHERE : dst.includes('/') ? dst : `${dst}/32`;
  const via = textOf(row, 'gateway');
  if (parsePrefix(to) === undefined || (textOf(row, 'type') || 'unicast') !== 'unicast') return [];
  return [via === '' ? { to } : { to, via }];
}

/** One that was made for the interface, not what the kernel has for each. */
function route6Of(row: Row): readonly GuestRoute[] {
  const [dst, via, type] = [textOf(row, 'dst'), textOf(row, 'gateway'), textOf(row, 'type') || 'unicast'];
  if (['kernel', 'ra'].includes(textOf(row, 'protocol')) || type !== 'unicast') return [];
  const to = dst === 'default' ? '::/0' : dst.includes('/') ? dst : `${dst}/128`;
  return [via === '' ? { to } : { to, via }];
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
