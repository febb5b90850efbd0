// Records that a guest has received the files and keys of its first start, if the daemon ended before the start could do so:
// the next daemon does it once it sees the guest up. Otherwise the next start would write those files again, over what has
// become of them.
import { isIgniteError } from '@ignite/api';
import type { SupervisorHandle, SupervisorStatus } from '../../supervisor/port.ts';
import type { LiveVm } from '../live-vm.ts';
import type { OperationRooms } from '../operations.ts';

interface SeedWatch extends Pick<OperationRooms, 'queues' | 'rooms'> {
  readonly complain: (vm: LiveVm, error: unknown) => void;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
}

/** Follows one run of a VM until its guest is up or has ended. Never rejects. */
export async function followSeed(vm: LiveVm, { queues, rooms, complain, signal }: SeedWatch): Promise<void> {
  const { handle } = vm;
  const needed = () => !vm.removed && !vm.record.history.seeded;
  if (handle === undefined || !needed() || !(await comesUp(handle, signal)) || !needed()) return;
  const note = async () => {
    if (!needed()) return; // by the start that was before us in the queue
    vm.record = { ...vm.record, history: { ...vm.record.history, seeded: true } };
    await rooms.state.vms.put(vm.record);
  };
  try {
    await queues.run(vm.record.metadata.uid, note, { signal });
  } catch (error) {
    // Whoever took over ends the run, and writes it down with its end.
    if (!signal.aborted && !isIgniteError(error, 'lifecycle/superseded')) complain(vm, error);
  }
}

/** False where it ends before, or the daemon does. */
async function comesUp(handle: SupervisorHandle, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const look = ({ ready }: SupervisorStatus) => {
    if (ready !== undefined) resolve(true);
  };
  const giveUp = () => resolve(false);
  const unsubscribe = handle.onStatus(look);
  signal.addEventListener('abort', giveUp, { once: true });
  void handle.ended.then(giveUp);
  look(handle.status());
  try {
    return !signal.aborted && (await promise);
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', giveUp);
  }
}
