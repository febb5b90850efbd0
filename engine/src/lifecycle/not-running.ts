// Whether a VM lives as far as anybody can tell, and the error for one that does not, or cannot be talked to.
import { IgniteError } from '@ignite/api';
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
