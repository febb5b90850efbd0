// The one link session of a VM: opened when first needed, shared by everyone, forgotten when it ends.
import type { Guest, GuestSession } from '../guest/port.ts';
import { IgniteError } from '@ignite/api';
import type { SupervisorHandle } from '../supervisor/port.ts';
import { change, type LiveVm } from './live-vm.ts';
import { beginOpening, type Opening } from './opening.ts';
import { notRunning } from './not-running.ts';

/**
 * The session with the VM's agent.
 * @throws IgniteError `vm/not-running`, `guest/…` when the agent does not answer before the signal
 */
export async function openSession(vm: LiveVm, guest: Guest, signal: AbortSignal): Promise<GuestSession> {
  for (;;) {
    const { handle } = vm;
    if (handle === undefined) throw notRunning(vm);
    vm.session ??= begin(vm, handle, guest);
    const { session } = vm;
    if (!session.givenUp) return await session.join(signal);
    await session.result.catch(() => {});
    if (vm.session === session) vm.session = undefined;
  }
}

function begin(vm: LiveVm, handle: SupervisorHandle, guest: Guest): Opening<GuestSession> {
  const opening = beginOpening(
    (until) => connect(handle, guest, until),
    (cause) =>
      new IgniteError('guest/unreachable', 'The agent in the guest did not answer in time', { cause }),
  );
  const forget = () => {
    if (vm.session === opening) vm.session = undefined;
  };
  opening.result.then(
    (session) => {
      if (vm.agentLost) change(vm, { agentLost: false });
      void session.closed.finally(forget);
    },
    () => {
      forget();
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
