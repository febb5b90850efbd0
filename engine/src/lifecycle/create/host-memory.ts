// Whether the host could ever hold a guest's memory. What is free at the moment decides nothing: guests take theirs as
// they use it, and may together be promised more than there is.
import { displaySize, IgniteError } from '@ignite/api';
import { type HostMemory, hostMemory } from '../../host/index.ts';

/**
 * @param name of the VM, where it has one
 * @throws IgniteError `vm/more-than-host` where memory and swap of the whole host are less than what is asked for
 */
export async function checkMemoryFits(bytes: number, name: string | undefined): Promise<void> {
  const message = memoryFault(bytes, name, await hostMemory());
  if (message !== undefined) throw new IgniteError('vm/more-than-host', message);
}

/** What to say against it; undefined: nothing, or the host does not tell what it has. Pure. */
export function memoryFault(
  bytes: number,
  name: string | undefined,
  host: HostMemory | undefined,
): string | undefined {
  if (host === undefined || bytes <= host.memory + host.swap) return undefined;
  const swap = host.swap === 0 ? '' : ` and ${displaySize(host.swap)} of swap`;
  const who = name === undefined ? 'A VM' : `The VM ${name}`;
  return `${who} of ${displaySize(bytes)} of memory can never run here: the host has ${displaySize(host.memory)}${swap}`;
}
