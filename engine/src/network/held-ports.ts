// Ports on which a program of the host listens already, or that another engine publishes: refused before the VM starts,
// with the holder's name.
import type { Commands } from '../host/index.ts';
import { portTaken } from './choose-ports.ts';
import { hostListeners } from './host-look.ts';
import type { AttachContext, PortMapping } from './port.ts';
import { heldByOthers } from './others-ports.ts';
import { listenerOf } from './ports.ts';
import { allDone } from '../work/index.ts';

/**
 * Refuses ports that somebody else on the host has; what another engine publishes in any case.
 * @param own name of this engine's table; absent: other engines' tables cannot be read
 * @throws IgniteError `network/port-taken`
 */
export async function refuseHeldPorts(
  commands: Commands,
  ports: readonly PortMapping[],
  { signal, ignoreHeldPorts = false }: Pick<AttachContext, 'signal' | 'ignoreHeldPorts'>,
  own?: string,
): Promise<void> {
  if (ports.length === 0) return;
  const [quick, published] = await allDone([
    ignoreHeldPorts ? Promise.resolve([]) : hostListeners(commands, false, signal),
    own === undefined ? Promise.resolve(undefined) : heldByOthers(commands, ports, own, signal),
  ]);
  if (published !== undefined) throw portTaken(published.port, published.holder);
  const held = ports.find((port) => listenerOf(port, quick) !== undefined);
  if (held === undefined) return;
  const holder = listenerOf(held, await hostListeners(commands, true, signal))?.process;
  throw portTaken(held, holder ?? 'a program of the host');
}
