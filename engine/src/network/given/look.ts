// What a plugin or Docker has put into a VM's namespace: links, IPv4 addresses and routes as ip(8) tells them.
import type { Commands } from '../../host/index.ts';
import { parseRows } from '../host-look.ts';
import { type FoundInterface, foundInterfaces } from './interfaces.ts';
import type { Space } from './space.ts';

/** The interfaces in the namespace but loopback and those that the kernel makes by itself, eth0 first. */
export async function lookInside(
  commands: Commands,
  space: Space,
  signal: AbortSignal,
): Promise<readonly FoundInterface[]> {
  const [addresses, routes] = await Promise.all([
    commands.run(['ip', '-n', space.name, '-j', 'address', 'show'], { signal }),
    commands.run(['ip', '-n', space.name, '-j', '-4', 'route', 'show'], { signal }),
  ]);
  return foundInterfaces(parseRows(addresses.stdout), parseRows(routes.stdout));
}
