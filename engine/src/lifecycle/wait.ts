// Waiting for facts about a VM, woken by the status lines of its supervisor: no polling while nothing happens.
import type { SupervisorHandle } from '../supervisor/port.ts';
import type { LiveVm } from './live-vm.ts';
import { notRunning } from './not-running.ts';

/**
 * The supervisor's handle, as soon as there is one.
 * @param patient also waits for a start that nobody has asked for yet (`run` attaches while it starts)
 * @throws IgniteError `vm/not-running`, or the signal's reason
 */
export async function waitForSupervisor(
  vm: LiveVm,
  signal: AbortSignal,
  patient = false,
): Promise<SupervisorHandle> {
  const hopeless = () => !patient && vm.activity?.kind !== 'starting';
  await waitUntil(vm, () => vm.handle !== undefined || hopeless(), signal);
  if (vm.handle === undefined) throw notRunning(vm);
  return vm.handle;
}

/** Settles when the guest has reported. @throws IgniteError `vm/not-running` when it ended, the signal's reason */
export async function waitForReady(vm: LiveVm, signal: AbortSignal): Promise<void> {
  const handle = await waitForSupervisor(vm, signal);
  if (handle.status().phase === 'ready') return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ended = () => reject(notRunning(vm));
  const unsubscribe = handle.onStatus(({ phase }) => {
    if (phase === 'ready') resolve();
    if (phase === 'ended') ended();
  });
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  if (handle.status().phase === 'ended') ended();
  void handle.ended.then(ended);
  try {
    await promise;
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Settles when a condition on the VM holds; looked at after each change. Rejects with the signal's reason. */
export async function waitUntil(vm: LiveVm, holds: () => boolean, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = () => {
    if (holds()) resolve();
  };
  const onAbort = () => reject(signal.reason);
  vm.listeners.add(look);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  look();
  try {
    await promise;
  } finally {
    vm.listeners.delete(look);
    signal.removeEventListener('abort', onAbort);
  }
}
