// What the restart policy makes of a VM that has ended: whether it starts again, and how often that is tried.
import { isIgniteError, type RecordedEnd, type VmRecord } from '@ignite/api';
import type { Clock } from '../../host/index.ts';
import { endedWithHost, exitStatus, isFailure } from '../end.ts';
import { wantsToRun } from '../intent.ts';
import { hasFailedSince, runTimeMs } from '../last-run.ts';
import type { LiveVm } from '../live-vm.ts';
import { restartDelayMs, STEADY_AFTER_MS, shouldRestart } from './restart-policy.ts';

/** Whether a VM starts again after an end that the daemon saw. Pure. */
export function comesBackAfter(record: VmRecord, lastEnd: RecordedEnd): boolean {
  const { name, maximumRetryCount = 0 } = record.spec.restartPolicy;
  const end = {
    asked: !wantsToRun(record),
    rebooted: lastEnd.how === 'reboot',
    success: !isFailure(lastEnd.how) && (wasAsked(lastEnd) || (exitStatus(lastEnd) ?? 0) === 0),
  };
  return shouldRestart({ name, maximumRetryCount }, end, restartsSoFar(record));
}

/** A command that was asked to end has not failed, whatever its exit status. */
function wasAsked(end: RecordedEnd): boolean {
  return end.by === 'user' || endedWithHost(end);
}

/**
 * Whether a new daemon starts a VM that it finds ended. `always` starts it after a reboot of the host even if it was stopped by
 * hand before; in the same boot a VM that was stopped by hand is left alone. Pure.
 */
export function comesBackWithDaemon(record: VmRecord, bootId: string): boolean {
  const { spec, history, override } = record;
  const { lastStart, lastEnd } = history;
  if (lastStart === undefined) return false;
  switch (spec.restartPolicy.name) {
    case 'no':
      return false;
    case 'always':
      return wantsToRun(record) || (lastStart.boot !== bootId && override?.running !== false);
    case 'unless-stopped':
      return wantsToRun(record);
    case 'on-failure':
      return !hasFailedSince(history) && lastEnd !== undefined && comesBackAfter(record, lastEnd);
  }
}

/** Restarts in a row; a run that was steady begins anew. */
export function restartsSoFar({ history }: VmRecord): number {
  return (runTimeMs(history) ?? 0) >= STEADY_AFTER_MS ? 0 : history.restarts;
}

export interface ComeBackHooks {
  readonly clock: Pick<Clock, 'sleep'>;
  /** @param wanted asked again when the start's turn has come: a stop may have been before it in the queue */
  readonly start: (vm: LiveVm, restarts: number, wanted: () => boolean) => Promise<void>;
  readonly complain: (vm: LiveVm, error: unknown) => void;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
}

/**
 * Starts a VM again. A start that fails is tried again with growing pauses, as its cause (a port in use, a network that is not
 * there yet) may go away. Ends when the VM is stopped, started or removed, or after as many tries as `on-failure` has.
 * @param patient waits before the first try, too: the VM has just ended
 */
export async function comeBack(vm: LiveVm, patient: boolean, hooks: ComeBackHooks): Promise<void> {
  const first = restartsSoFar(vm.record);
  let wished = wantsToRun(vm.record); // `always` also starts a VM that was not to run; one that is stopped from now on stays stopped
  for (let restarts = first; ; restarts += 1) {
    if (patient || restarts > first)
      await hooks.clock.sleep(restartDelayMs(restarts), hooks.signal).catch(() => {}); // the daemon ends
    if (hooks.signal.aborted) return;
    const wish = wished;
    const wanted = () => isWaited(vm, restarts) && (!wish || wantsToRun(vm.record));
    if (!wanted()) return;
    try {
      await hooks.start(vm, restarts + 1, wanted);
      return;
    } catch (error) {
      if (hooks.signal.aborted || isIgniteError(error, 'lifecycle/superseded')) return;
      wished ||= wantsToRun(vm.record);
      hooks.complain(vm, error);
    }
  }
}

/** Nobody has done anything with it meanwhile, and the policy still holds. */
function isWaited(vm: LiveVm, restarts: number): boolean {
  const { name, maximumRetryCount = 0 } = vm.record.spec.restartPolicy;
  const tries = name === 'on-failure' && maximumRetryCount > 0 ? maximumRetryCount : Number.POSITIVE_INFINITY;
  const idle = !vm.removed && vm.handle === undefined && vm.activity === undefined;
  return idle && name !== 'no' && restarts < tries && (wantsToRun(vm.record) || name === 'always');
}
