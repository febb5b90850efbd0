// The operations behind the verbs: what each of them writes down, which goal it has, and what it tells.
import type { Report } from '@ignite/api';
import { settlePending } from './change/settle-pending.ts';
import { describeVm } from './describe-vm.ts';
import { type Intender, intend } from './intent.ts';
import { change, type LiveVm } from './live-vm.ts';
import { type OperationOptions, type OperationRooms, runOperation } from './operations.ts';
import type { VmTable } from './vm-table.ts';
import type { Call, StartCall, VmsOptions } from './vms-port.ts';

/** A guest that is emulated on a busy host may take a minute; one that says nothing for two never will. */
export const READY_TIMEOUT_SECONDS = 120;
const QUIET: Report = () => {};

export interface StartExtras {
  readonly call?: StartCall;
  readonly restarts: number;
  readonly by?: Intender | undefined;
}

/** Brings a VM up; its failure is an event, too. */
export async function startOperation(
  vm: LiveVm,
  engine: OperationRooms,
  options: VmsOptions,
  { call, restarts, by = 'user' }: StartExtras,
): Promise<void> {
  const operation: OperationOptions = {
    verb: 'start',
    goal: { kind: 'running' },
    start: {
      attach: call?.attach ?? false,
      readyTimeoutMs: (call?.timeoutSeconds ?? READY_TIMEOUT_SECONDS) * 1000,
    },
    before: async () => {
      await intend(vm, engine, { running: true, by, restarts });
      await settlePending(vm, engine, options.signal);
    },
    report: call?.report ?? QUIET,
    signal: call === undefined ? options.signal : AbortSignal.any([call.signal, options.signal]),
  };
  const { lastStart: earlier } = vm.record.history;
  try {
    await runOperation(vm, operation, engine);
    if (vm.record.history.lastStart?.at !== earlier?.at) options.onEvent('start', describeVm(vm));
  } catch (error) {
    options.onEvent('fail', describeVm(vm));
    throw error;
  }
}

/** Ends a VM and takes it away, whatever goes on with it. */
export async function removeOperation(
  vm: LiveVm,
  table: VmTable,
  engine: OperationRooms,
  options: VmsOptions,
): Promise<void> {
  const last = describeVm(vm);
  const before = () => intend(vm, engine, { running: false, by: 'manager' });
  await runOperation(vm, { verb: 'rm', goal: { kind: 'absent' }, preempt: true, before }, engine);
  table.drop(vm.record.metadata.uid);
  change(vm, { activity: undefined }); // wakes those who wait for the removal
  options.onEvent('remove', last);
}

/** Ends a VM: asked first where there is a grace, at once where there is none. Cancels what goes on with it. */
export function endOperation(
  vm: LiveVm,
  graceMs: number | undefined,
  engine: OperationRooms,
  { report, by = 'user' }: Pick<Call, 'report'> & { readonly by?: Intender | undefined },
): Promise<void> {
  const goal =
    graceMs === undefined ? ({ kind: 'stopped' } as const) : ({ kind: 'stopped', graceMs } as const);
  const before = () => intend(vm, engine, { running: false, by });
  return runOperation(vm, { verb: 'stop', goal, preempt: true, before, report }, engine);
}
