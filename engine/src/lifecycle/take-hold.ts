// Finds the supervisor of a VM that we hold no handle of: after a restart of the daemon, or when it did not answer then.
import { change, type LiveVm } from './live-vm.ts';
import type { Rooms } from './rooms.ts';
import { vmPaths } from './vm-paths.ts';

/** One that does not answer holds up a daemon that starts; a busy host may stand still for a while. */
const DEADLINE_MS = 15_000;

/**
 * Takes hold of the live supervisor of a VM, if there is one. Changes nothing on the host.
 * @param watch called for a supervisor that was found, so that its end is noticed
 * @throws IgniteError when one lives and cannot be talked to: then nobody may act as if the VM had ended
 */
export async function takeHold(vm: LiveVm, rooms: Rooms, watch: (vm: LiveVm) => void): Promise<void> {
  if (vm.handle !== undefined) return;
  const { metadata, bound } = vm.record;
  const { run } = vmPaths(rooms.state, metadata.uid, bound.slot);
  const handle = await rooms.supervisor.adopt(run, AbortSignal.timeout(DEADLINE_MS));
  if (handle === undefined) return;
  if (handle.status().vmUid !== metadata.uid) return handle.close();
  vm.holdsDrives = true;
  change(vm, { handle });
  watch(vm);
}
