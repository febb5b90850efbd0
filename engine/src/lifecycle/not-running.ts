// Whether a VM runs, as far as the daemon knows; its supervisor's handle, or the error if it does not run.
import { IgniteError } from '@ignite/api';
import type { SupervisorHandle } from '../supervisor/port.ts';
import type { LiveVm } from './live-vm.ts';

/** Whether it has a supervisor, be it one that does not answer: then nothing may be done as if it had ended. */
export function mayLive({ handle, outOfReach }: Pick<LiveVm, 'handle' | 'outOfReach'>): boolean {
  return handle !== undefined || outOfReach;
}

/** `vm/not-running`; `supervisor/silent` for one that runs and does not answer. */
export function notRunning({ record, outOfReach }: Pick<LiveVm, 'record' | 'outOfReach'>): IgniteError {
  const { name } = record.metadata;
  if (outOfReach) return new IgniteError('supervisor/silent', `The supervisor of ${name} does not answer`);
  return new IgniteError('vm/not-running', `${name} is not running`);
}

/** The hold on its supervisor. @throws IgniteError `vm/not-running`, `supervisor/silent` where there is none */
export function runningHandle(vm: Pick<LiveVm, 'record' | 'handle' | 'outOfReach'>): SupervisorHandle {
  if (vm.handle !== undefined) return vm.handle;
  throw notRunning(vm);
}
