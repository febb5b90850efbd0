// Networks that the host's Configuration names: made when the daemon starts, where they are missing.
import type { ConfigurationSpec } from '@ignite/api';
import type { Complain, Vms } from '../lifecycle/index.ts';

/** Networks that exist are left as they are. Failures are reported, never thrown. */
export async function makeConfiguredNetworks(
  { networks }: Pick<Vms, 'networks'>,
  { networks: wished = [] }: ConfigurationSpec,
  complain: Complain,
): Promise<void> {
  if (wished.length === 0) return;
  try {
    const there = new Set((await networks.list()).map(({ metadata }) => metadata.name));
    for (const network of wished) if (!there.has(network.name)) await networks.create(network);
  } catch (error) {
    complain('Could not make the networks of the Configuration', error);
  }
}
