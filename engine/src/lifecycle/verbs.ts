// The operations behind the verbs: what each writes into the record, which goal it has, and which event it emits.
import { IgniteError, isIgniteError, type Report } from '@ignite/api';
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

interface StartExtras {
  readonly call?: StartCall;
  readonly restarts: number;
  readonly by?: Intender | undefined;
  /** Asked when its turn has come: whether it is still to start. */
  readonly wanted?: () => boolean;
}

/**
 * Brings a VM up; its failure is an event, too.
 * @throws IgniteError `lifecycle/halting` once all VMs are to end, `lifecycle/superseded` where it is not wanted any more
 */
export async function startOperation(
  vm: LiveVm,
  engine: OperationRooms,
  options: VmsOptions,
  { call, restarts, by = 'user', wanted = () => true }: StartExtras,
): Promise<void> {
  let refused: IgniteError | undefined;
  const operation: OperationOptions = {
    verb: 'start',
    goal: { kind: 'running' },
    start: {
      attach: call?.attach ?? false,
      readyTimeoutMs: (call?.timeoutSeconds ?? READY_TIMEOUT_SECONDS) * 1000,
    },
    refuse: () => {
      refused = isHalting(vm, engine) ?? (wanted() ? undefined : notWanted(vm));
      return refused;
    },
    before: async () => {
      const { ignoreHeldPorts } = call ?? {};
      await intend(vm, engine, { running: true, by, restarts, ignoreHeldPorts });
      await settlePending(vm, engine, options.signal);
    },
    report: call?.report ?? QUIET,
    ...(call === undefined ? {} : { signal: call.signal }),
  };
  const { lastStart: earlier } = vm.record.history;
  try {
    await runOperation(vm, operation, engine);
    if (vm.record.history.lastStart?.at !== earlier?.at) options.onEvent('start', describeVm(vm));
  } catch (error) {
    const told = error === refused || isIgniteError(error, 'lifecycle/superseded'); // what took over tells
    if (!told && !options.signal.aborted) options.onEvent('fail', describeVm(vm));
    throw error;
  }
}

/** A VM that is started after the end of all VMs was asked for would be cut off with the host. */
function isHalting({ record }: LiveVm, { halting }: OperationRooms): IgniteError | undefined {
  if (!halting.signal.aborted) return undefined;
  return new IgniteError(
    'lifecycle/halting',
    `${record.metadata.name} is not started: all VMs are being stopped`,
  );
}

function notWanted({ record }: LiveVm): IgniteError {
  return new IgniteError('lifecycle/superseded', `${record.metadata.name} is not to start again any more`);
}

/** Ends a VM and removes it, whatever is being done with it. */
export async function removeOperation(
  vm: LiveVm,
  table: VmTable,
  engine: OperationRooms,
  options: VmsOptions,
): Promise<void> {
  const before = () => intend(vm, engine, { running: false, by: 'manager' });
  try {
    await runOperation(vm, { verb: 'rm', goal: { kind: 'absent' }, preempt: true, before }, engine);
  } catch (error) {
    if (isIgniteError(error, 'lifecycle/superseded') && (await isRemovedByNewer(vm, engine))) return;
    throw error;
  }
  const { uid } = vm.record.metadata;
  if (table.byUid(uid) !== vm) return; // the removal before us has emitted the event
  table.drop(uid);
  change(vm, { activity: undefined }); // wakes those who wait for the removal
  options.onEvent('remove', describeVm(vm)); // as its end has left it
}

/** Whether another removal took over: then the VM is gone as asked, and that removal emits the event. */
async function isRemovedByNewer(vm: LiveVm, { queues, ending }: OperationRooms): Promise<boolean> {
  for (;;) {
    try {
      return await queues.run(vm.record.metadata.uid, async () => vm.removed, { signal: ending });
    } catch (error) {
      if (!isIgniteError(error, 'lifecycle/superseded')) throw error;
    }
  }
}

/** Ends that are under way and bring what is asked for as soon: a second `stop` waits for the end of the first. */
const SPARES = { stop: ['stop', 'kill'], kill: ['kill'] } as const;

/**
 * Ends a VM: asked first if there is a grace, at once if there is none. Cancels the running operation on it unless that is an
 * end which is no slower; a grace that is over before that of a stop under way shortens it.
 */
export function endOperation(
  vm: LiveVm,
  graceMs: number | undefined,
  engine: OperationRooms,
  {
    report,
    by = 'user',
    stopSignal,
  }: Pick<Call, 'report'> & {
    readonly by?: Intender | undefined;
    readonly stopSignal?: number | undefined;
  },
): Promise<void> {
  const goal = {
    kind: 'stopped',
    ...(graceMs === undefined ? {} : { graceMs }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
  } as const;
  const before = () => intend(vm, engine, { running: false, by });
  const aim = graceMs === undefined ? 'kill' : 'stop';
  if (graceMs !== undefined) vm.grace?.shorten(graceMs);
  const spares = SPARES[aim];
  return runOperation(vm, { verb: 'stop', goal, preempt: true, aim, spares, before, report }, engine);
}
