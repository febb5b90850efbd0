// Halting the processors of a VM, and letting them run again. Both are no error where it is so already.
import { IgniteError } from '@ignite/api';
import { driverOf, openControl } from './connect/control.ts';
import { change, type LiveVm } from './live-vm.ts';
import type { OperationRooms } from './operations.ts';
import { notRunning } from './not-running.ts';
import type { Rooms } from './rooms.ts';
import { openSession } from './connect/session.ts';

const DEADLINE_MS = 10_000;
/** For the agent's answer: a host under load emulates slowly, and no caller waits for it. */
const CLOCK_MS = 60_000;

/**
 * Pauses or resumes; one after the other with the VM's other operations.
 * @returns whether something changed
 * @throws IgniteError `vm/not-running`, `vm/cannot-pause`, `vmm/…`
 */
export function setPaused(
  vm: LiveVm,
  paused: boolean,
  { queues, rooms }: OperationRooms,
  signal: AbortSignal,
): Promise<boolean> {
  const { uid, name } = vm.record.metadata;
  const operate = async (inQueue: AbortSignal): Promise<boolean> => {
    const until = AbortSignal.any([inQueue, AbortSignal.timeout(DEADLINE_MS)]);
    if (vm.handle === undefined) throw notRunning(vm);
    if (driverOf(vm, rooms)?.capabilities.pause !== true)
      throw new IgniteError('vm/cannot-pause', `${vm.record.bound.driver} cannot pause ${name}`);
    const control = await openControl(vm, rooms, until);
    const before = await control.state(until);
    if (before.paused !== paused) await (paused ? control.pause(until) : control.resume(until));
    // What found no room tries again at once, and may stand still again.
    const after = before.paused === paused ? before : await control.state(until);
    const changed = vm.paused !== after.paused;
    change(vm, { paused: after.paused, diskFull: after.diskFull === true });
    if (before.paused && !after.paused) void setClock(vm, rooms);
    return changed;
  };
  return queues.run(uid, operate, { signal });
}

/** The clock of a guest stands still with its processors: it is set to the host's. One without an agent keeps its own. */
async function setClock(vm: LiveVm, rooms: Rooms): Promise<void> {
  if (vm.handle?.status().phase !== 'ready') return;
  const until = AbortSignal.timeout(CLOCK_MS);
  try {
    const session = await openSession(vm, rooms.guest, until);
    await session.ping(until); // so that the time is not that of a call that waited
    await session.setTime(Date.now() / 1000, until);
  } catch {
    // It ended, or was paused again.
  }
}
