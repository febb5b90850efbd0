// Tries again and again to reach a supervisor that lived but did not answer when the daemon started, so that the shown state
// of its VM becomes true when it wakes or dies.
import { takeHold } from './take-hold.ts';
import type { LiveVm } from '../live-vm.ts';
import type { OperationRooms } from '../operations.ts';

/** How long one that does not answer keeps others of its VM's queue waiting. */
const ASK_MS = 500;
const AGAIN_MS = 1_000;

/**
 * Settles when the supervisor answers or is gone.
 * @returns false if another operation has dealt with the VM meanwhile, or the daemon ends
 */
export async function reachAgain(
  vm: LiveVm,
  { rooms, queues, watch }: Pick<OperationRooms, 'rooms' | 'queues' | 'watch'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { uid } = vm.record.metadata;
  const reached = async () => {
    if (!vm.outOfReach || vm.removed) return false;
    await takeHold(vm, rooms, watch, ASK_MS);
    return true;
  };
  for (;;) {
    try {
      await rooms.clock.sleep(AGAIN_MS, signal);
      return await queues.run(uid, reached, { signal });
    } catch {
      if (signal.aborted) return false; // else it does not answer yet, or a command took its turn
    }
  }
}
