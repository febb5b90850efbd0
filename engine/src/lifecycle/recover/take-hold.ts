// Finds the supervisor of a VM that we hold no handle of: after a restart of the daemon, or when it did not answer then.
import { isIgniteError } from '@ignite/api';
import { loadRunRecord } from '../../state/index.ts';
import { type Attached, attachedAs, change, type LiveVm } from '../live-vm.ts';
import type { Rooms } from '../rooms.ts';
import { noteForced, type StepContext } from '../steps/context.ts';
import { vmPaths } from '../vm-paths.ts';

/** A supervisor that does not answer delays the start of the daemon; but a busy host may pause for a while. */
const DEADLINE_MS = 15_000;
/** The same for one that did not answer before. */
const KNOWN_SILENT_MS = 2_000;

/**
 * Adopts the live supervisor of a VM, if there is one. Changes nothing on the host.
 * @param watch called for a supervisor that was found, so that its end is noticed
 * @throws IgniteError if one lives and does not answer: then the VM must not be treated as ended
 */
export async function takeHold(
  vm: LiveVm,
  rooms: Rooms,
  watch: (vm: LiveVm) => void,
  deadlineMs = vm.outOfReach ? KNOWN_SILENT_MS : DEADLINE_MS,
): Promise<void> {
  if (vm.handle !== undefined) return;
  const { metadata } = vm.record;
  const handle = await rooms.supervisor.adopt(runOf(vm, rooms), AbortSignal.timeout(deadlineMs));
  if (handle !== undefined && handle.status().vmUid === metadata.uid) {
    vm.holdsDrives = true;
    vm.attached = await attachedRun(vm, rooms);
    change(vm, { handle, outOfReach: false });
    return watch(vm);
  }
  handle?.close();
  if (vm.outOfReach) change(vm, { outOfReach: false });
}

/** The same for a VM that is to end: a supervisor that lives and does not answer is killed with its VMM. */
export async function takeHoldOrEnd(context: StepContext): Promise<void> {
  const { vm, rooms, watch, signal } = context;
  try {
    await takeHold(vm, rooms, watch);
  } catch (error) {
    if (!isIgniteError(error, 'supervisor/silent')) throw error;
    signal.throwIfAborted();
    await rooms.supervisor.forceEnd(runOf(vm, rooms), vm.record.metadata.uid, signal);
    noteForced(context);
    change(vm, { outOfReach: false });
  }
}

/** As its run was begun; as in its spec where an earlier version began it, or the copy cannot be read. */
async function attachedRun({ record }: LiveVm, { state }: Rooms): Promise<Attached> {
  const { metadata, bound } = record;
  const begun = await loadRunRecord(state.runRoot, bound.slot).catch(() => undefined);
  return attachedAs(begun?.metadata.uid === metadata.uid ? begun : record);
}

function runOf({ record: { metadata, bound } }: LiveVm, { state }: Rooms): string {
  return vmPaths(state, metadata.uid, bound.slot).run;
}
