// Runs an operation on one VM: in its queue, with its journal, with the activity that `ps` shows meanwhile, and
// with the failure written down where it belongs.
import { randomBytes } from 'node:crypto';
import { IgniteError, isIgniteError, type Report, type VmRecord } from '@ignite/api';
import { converge } from './converge.ts';
import type { Asker } from './end.ts';
import type { Queue } from '../host/index.ts';
import type { TakenNic } from '../network/index.ts';
import type { Limiter } from '../work/index.ts';
import { endOfLast, momentAfter } from './last-run.ts';
import { type Activity, change, type LiveVm } from './live-vm.ts';
import { isDiskClosed } from './no-room.ts';
import type { Goal } from './steps/planner.ts';
import type { VmQueues } from './queue.ts';
import type { Rooms } from './rooms.ts';
import { staged } from './stage.ts';
import { vmPaths } from './vm-paths.ts';
import { noteHistory, type StartOptions, type StepContext } from './steps/index.ts';

export interface OperationRooms {
  readonly rooms: Rooms;
  readonly queues: VmQueues;
  readonly boots: Limiter;
  readonly watch: (vm: LiveVm) => void;
  /** The end of a run that was watched is written down. */
  readonly ended: (vm: LiveVm) => void;
  /** Serialises the choice of addresses and ports. */
  readonly choose: <T>(choice: () => Promise<T>) => Promise<T>;
  /** Does one after the other what changes owners of volumes and devices. */
  readonly owners: Queue;
  /** NICs of all VMs: their addresses and ports are taken. */
  readonly takenNics: () => readonly TakenNic[];
  /** All VMs, to see what they have open. */
  readonly all: () => readonly LiveVm[];
  /** Aborted when all VMs are to end, with who asked as the reason: no policy starts one again. */
  readonly halting: AbortController;
  /** Aborted when the daemon ends: operations stop where they are, as if it were killed there, and the next one sees to them. */
  readonly ending: AbortSignal;
  /** Folders below which objects may name paths of the host (DESIGN D9). */
  readonly hostPaths: readonly string[];
}

export interface OperationOptions {
  readonly verb: 'start' | 'stop' | 'rm' | 'clear';
  readonly goal: Goal;
  readonly start?: StartOptions;
  /** The newest intent wins over what runs for this VM. */
  readonly preempt?: boolean;
  /** What it wants, and aims of operations under way that it does not take over but waits for, see queue.ts. */
  readonly aim?: string;
  readonly spares?: readonly string[];
  readonly report?: Report;
  /** Recorded as the cause of an end; absent: as the record's intent says. */
  readonly asker?: Asker;
  readonly signal?: AbortSignal;
  /** Asked when its turn has come, before anything is written: why it is not to be done any more. */
  readonly refuse?: () => IgniteError | undefined;
  /** Runs inside the queue before the first look: what the operation writes into the record. */
  readonly before?: () => Promise<void>;
}

const ACTIVITY: Readonly<Record<OperationOptions['verb'], Activity['kind'] | undefined>> = {
  start: 'starting',
  stop: 'stopping',
  rm: 'removing',
  clear: undefined,
};

const NO_START: StartOptions = { attach: false, readyTimeoutMs: 0 };

/** Ids of operations: the same in the journal, the events, the log and the answer. */
export function newOperationId(): string {
  return randomBytes(6).toString('hex');
}

/** Brings a VM to a goal, alone in its queue. Failures of a start are written into the record. */
export function runOperation(vm: LiveVm, options: OperationOptions, engine: OperationRooms): Promise<void> {
  const uid = vm.record.metadata.uid;
  const { signal, preempt = false, aim, spares = [] } = options;
  const inQueue = {
    preempt,
    spares,
    ...(aim === undefined ? {} : { aim }),
    signal: signal === undefined ? engine.ending : AbortSignal.any([signal, engine.ending]),
  };
  return engine.queues.run(uid, (signal) => operate(vm, options, engine, signal), inQueue);
}

async function operate(
  vm: LiveVm,
  options: OperationOptions,
  engine: OperationRooms,
  signal: AbortSignal,
): Promise<void> {
  if (vm.removed) return alreadyRemoved(vm, options.verb);
  const refused = options.refuse?.();
  if (refused !== undefined) throw refused;
  try {
    const context = await stepContext(vm, options, engine, signal);
    await unlessFull(options, () =>
      context.journal.begin({
        op: context.operation,
        verb: options.verb,
        generation: vm.record.generation,
      }),
    );
    await bringAbout(context, options, engine);
  } finally {
    change(vm, { activity: undefined });
  }
}

async function bringAbout(
  context: StepContext,
  options: OperationOptions,
  engine: OperationRooms,
): Promise<void> {
  const { vm, journal, signal } = context;
  const { lastStart: earlier } = vm.record.history;
  try {
    await options.before?.();
    await converge(options.goal, context, engine.boots);
    if (options.verb === 'rm') change(vm, { removed: true });
    else await unlessFull(options, () => journal.done());
  } catch (thrown) {
    const error = whyAborted(signal) ?? thrown;
    const stage = stageOf(error, vm.activity);
    if (!engine.ending.aborted) await settleFailure(context, options, engine, { error, stage, earlier });
    throw options.verb === 'start' ? staged(error, stage) : error;
  }
}

/** An rm was in the queue before us: its VM cannot be started or stopped, and there is nothing left to clear. */
function alreadyRemoved(vm: LiveVm, verb: OperationOptions['verb']): void {
  if (verb === 'clear' || verb === 'rm') return;
  throw new IgniteError('vm/not-found', `${vm.record.metadata.name} has been removed`);
}

async function stepContext(
  vm: LiveVm,
  options: OperationOptions,
  engine: OperationRooms,
  signal: AbortSignal,
): Promise<StepContext> {
  const { metadata, bound } = vm.record;
  const operation = newOperationId();
  const kind = ACTIVITY[options.verb];
  const note = (stage: string) => {
    change(vm, { activity: kind === undefined ? undefined : { kind, stage, operation } });
  };
  note(options.goal.kind === 'booted' ? 'boot' : 'queued');
  return {
    vm,
    rooms: engine.rooms,
    paths: vmPaths(engine.rooms.state, metadata.uid, bound.slot),
    journal: await engine.rooms.state.vms.journal(metadata.uid),
    operation,
    start: options.start ?? NO_START,
    report: (progress) => {
      if (progress.kind === 'stage') note(progress.name);
      options.report?.(progress);
    },
    force: options.verb === 'stop' || options.verb === 'rm',
    signal,
    watch: engine.watch,
    ended: engine.ended,
    owners: engine.owners,
    all: engine.all,
    ...(options.asker === undefined ? {} : { asker: options.asker }),
  };
}

/** On a full or read-only disk nothing starts, but everything ends. What could not be noted then, the next daemon looks up. */
async function unlessFull({ verb }: OperationOptions, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (verb === 'start' || !isDiskClosed(error)) throw error;
  }
}

/** Whatever a step says of being cut short: what cut it is what counts. */
function whyAborted({ aborted, reason }: AbortSignal): IgniteError | undefined {
  return aborted && isIgniteError(reason) ? reason : undefined;
}

interface Failure {
  readonly error: unknown;
  readonly stage: string;
  /** The start before this operation. */
  readonly earlier: VmRecord['history']['lastStart'];
}

/** What cannot be cleaned up is reported with the failure, never instead of it; the next operation tries again. */
async function settleFailure(
  context: StepContext,
  options: OperationOptions,
  engine: OperationRooms,
  failure: Failure,
): Promise<void> {
  try {
    await fail(context, options, engine, failure);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    options.report?.({ kind: 'note', text: `It could not be cleaned up after the failure: ${text}` });
  }
}

/** A failed start leaves nothing running, and the record says at which stage it failed. */
async function fail(
  context: StepContext,
  options: OperationOptions,
  engine: OperationRooms,
  { error, stage, earlier }: Failure,
): Promise<void> {
  const code = isIgniteError(error) ? error.code : 'start/failed';
  if (options.verb === 'start') {
    const cleanUp: StepContext = { ...context, signal: AbortSignal.timeout(30_000), report: () => {} };
    await converge({ kind: 'stopped' }, cleanUp, engine.boots);
    context.vm.holdsNics = false; // also where it failed before it had any
    const message = error instanceof Error ? error.message : String(error);
    const { history } = context.vm.record;
    const at = momentAfter(history, engine.rooms.clock.now());
    // A start that a stop has superseded did not fail.
    if (code !== 'lifecycle/superseded')
      await noteHistory(cleanUp, { lastFailure: { at, stage, code, message } });
    else if (history.lastStart !== earlier || options.goal.kind === 'booted')
      await noteHistory(cleanUp, {
        lastEnd: endOfLast(history, { at, how: 'killed', by: superseder(engine) }),
      });
  }
  await context.journal.failed({ code, stage });
}

/** Who ended a start that was under way: the one who asked for the end of all VMs, else a person. */
function superseder({ halting: { signal } }: OperationRooms): Asker {
  return signal.reason === 'host' ? 'host' : 'user';
}

function stageOf(error: unknown, activity: Activity | undefined): string {
  return (error instanceof IgniteError ? error.stage : undefined) ?? activity?.stage ?? 'start';
}
