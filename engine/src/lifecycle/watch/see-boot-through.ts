// A guest that was booting when the daemon ended: the next daemon waits for it as the first one would have, so that a guest
// that never reports is recorded as a failed start.
import { isIgniteError } from '@ignite/api';
import { comeBack, type ComeBackHooks } from './come-back.ts';
import type { LiveVm } from '../live-vm.ts';
import { type OperationRooms, runOperation } from '../operations.ts';
import { READY_TIMEOUT_SECONDS } from '../verbs.ts';

interface BootHooks {
  /** The guest has reported, or has ended. */
  readonly onUp: () => void;
  readonly onFailure: () => void;
  readonly hooks: ComeBackHooks;
}

/**
 * Waits for what remains of the time that the VM's last start gave its guest. A guest that does not report is ended and its
 * failure recorded; a start by the restart policy is tried again.
 */
export async function seeBootThrough(
  vm: LiveVm,
  engine: OperationRooms,
  { onUp, onFailure, hooks }: BootHooks,
): Promise<void> {
  const { lastStart, restarts } = vm.record.history;
  if (lastStart === undefined || vm.handle?.status().phase !== 'starting') return;
  const { at, timeoutSeconds = READY_TIMEOUT_SECONDS } = lastStart;
  const start = {
    attach: false,
    readyTimeoutMs: timeoutSeconds * 1000,
    waitedMs: engine.rooms.clock.now().getTime() - Date.parse(at),
  };
  try {
    await runOperation(vm, { verb: 'start', goal: { kind: 'booted' }, start }, engine);
    onUp();
  } catch (error) {
    if (hooks.signal.aborted || isIgniteError(error, 'lifecycle/superseded')) return;
    hooks.complain(vm, error);
    onFailure();
    if (restarts > 0) await comeBack(vm, true, hooks); // who asked for the first start of a row has had its answer
  }
}
