// VMs without a record end in order with the host, too: their guests write their disks, which may be all that is left of them.
import type { Rooms } from '../rooms.ts';
import { shutDown } from '../steps/index.ts';
import type { Unmanaged } from './unmanaged.ts';

const KILL_MS = 30_000;

/**
 * Ends one with its grace; at once if it is not known how it was made.
 * @param signal aborted when the daemon ends
 */
export async function haltUnmanaged(
  { handle, vm }: Unmanaged,
  rooms: Rooms,
  signal: AbortSignal,
): Promise<void> {
  if (vm === undefined) await handle.kill(AbortSignal.any([signal, AbortSignal.timeout(KILL_MS)]));
  else
    await shutDown({ vm, rooms, report: () => {}, signal }, { graceMs: vm.record.spec.stopTimeout * 1000 });
}
