// The one link session of a VM: opened when first needed, shared by everyone, forgotten when it ends.
import type { Guest, GuestSession } from '../../guest/port.ts';
import { IgniteError } from '@ignite/api';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { change, type LiveVm } from '../live-vm.ts';
import { beginOpening, joinKept, type Opening } from './opening.ts';
import { runningHandle } from '../not-running.ts';

/**
 * The session with the VM's agent.
 * @throws IgniteError `vm/not-running`, `guest/…` when the agent does not answer before the signal
 */
export function openSession(vm: LiveVm, guest: Guest, signal: AbortSignal): Promise<GuestSession> {
  return joinKept(vm.session, () => begin(vm, guest), signal);
}

function begin(vm: LiveVm, guest: Guest): Opening<GuestSession> {
  const handle = runningHandle(vm);
  const opening = beginOpening(
    (until) => connect(handle, guest, until),
    (cause) =>
      new IgniteError('guest/unreachable', 'The agent in the guest did not answer in time', { cause }),
  );
  opening.result.then(
    () => {
      if (vm.agentLost) change(vm, { agentLost: false });
    },
    () => {
      if (!vm.paused && vm.handle === handle) change(vm, { agentLost: true });
    },
  );
  return opening;
}

async function connect(handle: SupervisorHandle, guest: Guest, signal: AbortSignal): Promise<GuestSession> {
  const pipe = await handle.open('link', signal);
  try {
    return await guest.connect(pipe, signal);
  } catch (error) {
    pipe.destroy();
    throw error;
  }
}

/** Sends a signal to the command of app mode. */
export async function signalMain(session: GuestSession, number: number): Promise<void> {
  const main = await session.main();
  main.exit.catch(() => {}); // the answer is that the signal was sent, not what it did
  main.signal(number);
  main.reset(); // detaches; an end of input would reach the command
}
