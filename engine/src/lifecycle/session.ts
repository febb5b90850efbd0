// The one link session of a VM: opened when first needed, shared by everyone, forgotten when it ends.
import type { Guest, GuestSession } from '../guest/port.ts';
import { IgniteError } from '@ignite/api';
import type { SupervisorHandle } from '../supervisor/port.ts';
import { change, type LiveVm } from './live-vm.ts';

/**
 * The session with the VM's agent.
 * @throws IgniteError `vm/not-running`, `guest/…` when the agent does not answer before the signal
 */
export async function openSession(vm: LiveVm, guest: Guest, signal: AbortSignal): Promise<GuestSession> {
  const { handle } = vm;
  if (handle === undefined)
    throw new IgniteError('vm/not-running', `${vm.record.metadata.name} is not running`);
  if (vm.session !== undefined) return vm.session;
  const opening = connect(handle, guest, signal);
  vm.session = opening;
  const forget = () => {
    if (vm.session === opening) vm.session = undefined;
  };
  try {
    const session = await opening;
    if (vm.agentLost) change(vm, { agentLost: false });
    void session.closed.finally(forget);
    return session;
  } catch (error) {
    forget();
    if (!vm.paused) change(vm, { agentLost: true });
    throw error;
  }
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
