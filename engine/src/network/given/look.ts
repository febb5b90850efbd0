// What a plugin or Docker has put into a VM's namespace: links, addresses and routes as ip(8) shows them.
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
  const [addresses, ...routes] = await Promise.all([
    commands.run(['ip', '-n', space.name, '-j', 'address', 'show'], { signal }),
    commands.run(['ip', '-n', space.name, '-j', '-4', 'route', 'show'], { signal }),
    // A kernel without IPv6 has none.
    commands.run(['ip', '-n', space.name, '-j', '-6', 'route', 'show'], { signal, okCodes: [0, 1, 2, 255] }),
  ]);
  return foundInterfaces(
    parseRows(addresses.stdout),
    routes.map(({ stdout }) => parseRows(stdout)),
  );
}
