// Ports on which a program of the host listens already: refused before the VM starts, with the holder's name.
import type { Commands } from '../host/index.ts';
import { portTaken } from './bind.ts';
import { hostListeners } from './host-look.ts';
import type { PortMapping } from './port.ts';
import { listenerOf } from './ports.ts';

/**
 * Refuses ports on which a program of the host listens.
 * @throws IgniteError `network/port-taken`
 */
export async function refuseHeldPorts(
  commands: Commands,
  ports: readonly PortMapping[],
  signal: AbortSignal,
): Promise<void> {
  if (ports.length === 0) return;
  const quick = await hostListeners(commands, false, signal);
  const held = ports.find((port) => listenerOf(port, quick) !== undefined);
  if (held === undefined) return;
  const holder = listenerOf(held, await hostListeners(commands, true, signal))?.process;
  throw portTaken(held, holder ?? 'a program of the host');
}
