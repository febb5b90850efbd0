// The door of the lifecycle: every verb on VMs, by the word a user typed.
import { IgniteError, isIgniteError, type RecordedEnd, type Report, type Vm } from '@ignite/api';
import type { OpenRequest } from '@ignite/api/frames';
import { signalNumber } from '../guest/index.ts';
import { loadSeed } from '../state/index.ts';
import { type CreateVm, createVm } from './create-vm.ts';
import { describeBroken } from './describe-broken.ts';
import { describeVm } from './describe-vm.ts';
import { createLimiter } from './limiter.ts';
import { change, type LiveVm, liveVm } from './live-vm.ts';
import { newOperationId, type OperationOptions, type OperationRooms, runOperation } from './operations.ts';
import { createVmQueues } from './queue.ts';
import { adoptAll, type Complain, settleAll, undoInterrupted } from './recover.ts';
import { careForNetwork } from './network-care.ts';
import type { Rooms } from './rooms.ts';
import { waitForSsh } from './ssh-wait.ts';
import { openSession } from './session.ts';
import { type OpenedStream, openVmStream } from './streams.ts';
import { vmPaths } from './vm-paths.ts';
import { createVmTable, type VmTable } from './vm-table.ts';
import { waitUntil } from './wait.ts';
import { createWatcher } from './watcher.ts';

export type VmAction = 'create' | 'start' | 'die' | 'remove' | 'fail';

export interface VmsOptions {
  readonly rooms: Rooms;
  /** How many VMs boot at once; the host's cores. */
  readonly bootsAtOnce: number;
  readonly vmDefaults: CreateVm['spec'];
  readonly onEvent: (action: VmAction, vm: Vm) => void;
  readonly complain: Complain;
  /** Aborted when the daemon ends; VMs run on. */
  readonly signal: AbortSignal;
}

/** How long-lasting calls talk and are cancelled. */
export interface Call {
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface StartCall extends Call {
  /** Hold the output until a reader is attached. */
  readonly attach: boolean;
  readonly wait: 'started' | 'agent' | 'ssh';
  readonly timeoutSeconds?: number | undefined;
}

export interface StopCall extends Call {
  readonly timeoutSeconds?: number | undefined;
}

export interface VmLogs {
  readonly directory: string;
  readonly mode: 'app' | 'system';
  /** Settles when the VM has ended; at once where it does not run. */
  readonly ended: Promise<unknown>;
}

export interface SshAccess {
  readonly host: string;
  readonly user: string;
  /** OpenSSH format; absent where the VM was made with a key of the user's. */
  readonly privateKey?: string;
}

/** Words are resolved by CLI rule 10; `vm/not-found` where none fits. */
export interface Vms {
  list(): readonly Vm[];
  inspect(word: string): Vm;
  create(request: CreateVm, call: Call): Promise<Vm>;
  /** Again is no error: a running VM is left as it is. */
  start(word: string, call: StartCall): Promise<Vm>;
  /** Asks the guest, then ends it. Again is no error. */
  stop(word: string, call: StopCall): Promise<Vm>;
  /** Ends a VM at once; in app mode a signal other than KILL goes to its command instead. */
  kill(word: string, call: Call & { readonly signalName?: string | undefined }): Promise<Vm>;
  /** With force also a VM that runs or is being made. @throws IgniteError `vm/running` without force */
  remove(word: string, force: boolean, call: Call): Promise<Vm>;
  /** Settles when the VM is stopped or removed, with its last end. */
  wait(word: string, condition: 'stopped' | 'removed', signal: AbortSignal): Promise<RecordedEnd | undefined>;
  stream(word: string, request: OpenRequest, signal: AbortSignal): Promise<OpenedStream>;
  logs(word: string): VmLogs;
  /** VMs made from an image or a kernel. */
  usersOf(uid: string): readonly Vm[];
  sshAccess(word: string): Promise<SshAccess>;
}

/** A guest that is emulated on a busy host may take a minute; one that says nothing for two never will. */
const READY_TIMEOUT_SECONDS = 120;
const AGENT_DEADLINE_MS = 10_000;
const SIGKILL = 9;
const QUIET: Report = () => {};

/** Recovers what an earlier daemon left, adopts what runs, and answers. */
export async function openVms(options: VmsOptions): Promise<Vms> {
  const { rooms, complain } = options;
  await undoInterrupted(rooms.state, complain);
  const table = createVmTable(rooms.state.vms.list().map(liveVm), rooms.state.vms.broken());
  const engine = createEngine(table, options);
  const outOfReach = await adoptAll(table.all(), rooms, engine.watch, complain);
  const known = table.all().filter((vm) => !outOfReach.has(vm)); // of the others nobody may say that they ended
  await careForNetwork({ network: rooms.network, vms: table.all, complain, signal: options.signal });
  for (const vm of await settleAll(known, engine, complain)) table.drop(vm.record.metadata.uid);
  for (const vm of known) startAgain(vm, engine, options);
  return door(table, engine, options);
}

function createEngine(table: VmTable, options: VmsOptions): OperationRooms {
  const { rooms, complain, onEvent, signal } = options;
  const engine: OperationRooms = {
    rooms,
    queues: createVmQueues(),
    boots: createLimiter(options.bootsAtOnce),
    watch: createWatcher(() => engine, {
      ended: (vm) => onEvent('die', describeVm(vm)),
      restart: (vm, restarts) => startOperation(vm, engine, options, { restarts }),
      remove: (vm) => removeOperation(vm, table, engine, options),
      complain: (vm, error) => complain(`After the end of ${vm.record.metadata.name}`, error),
      signal,
    }),
  };
  return engine;
}

/** After a reboot of the host `always` and `unless-stopped` come back. */
function startAgain(vm: LiveVm, engine: OperationRooms, options: VmsOptions): void {
  const { spec, history, metadata } = vm.record;
  const policy = spec.restartPolicy.name;
  const wanted = policy === 'always' || (policy === 'unless-stopped' && spec.running);
  if (vm.handle !== undefined || !wanted || history.lastStart === undefined) return;
  startOperation(vm, engine, options, { restarts: 0 }).catch((error: unknown) =>
    options.complain(`Could not start ${metadata.name} again`, error),
  );
}

interface StartExtras {
  readonly call?: StartCall;
  readonly restarts: number;
}

async function startOperation(
  vm: LiveVm,
  engine: OperationRooms,
  options: VmsOptions,
  { call, restarts }: StartExtras,
): Promise<void> {
  const operation: OperationOptions = {
    verb: 'start',
    goal: { kind: 'running' },
    start: {
      attach: call?.attach ?? false,
      readyTimeoutMs: (call?.timeoutSeconds ?? READY_TIMEOUT_SECONDS) * 1000,
    },
    before: () => intend(vm, engine, true, restarts),
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

/** Writes down whether the VM should run (D2: intent is spec). */
async function intend(vm: LiveVm, engine: OperationRooms, running: boolean, restarts = 0): Promise<void> {
  const { spec, history, generation } = vm.record;
  if (spec.running === running && history.restarts === restarts) return;
  const record = {
    ...vm.record,
    generation: spec.running === running ? generation : generation + 1,
    spec: { ...spec, running },
    history: { ...history, restarts },
  };
  try {
    await engine.rooms.state.vms.put(record);
  } catch (error) {
    if (running || !isIgniteError(error, 'state/disk-full')) throw error; // a full disk must not keep a VM running
  }
  vm.record = record;
}

async function removeOperation(
  vm: LiveVm,
  table: VmTable,
  engine: OperationRooms,
  options: VmsOptions,
): Promise<void> {
  const last = describeVm(vm);
  const before = () => intend(vm, engine, false);
  await runOperation(vm, { verb: 'rm', goal: { kind: 'absent' }, preempt: true, before }, engine);
  table.drop(vm.record.metadata.uid);
  change(vm, { activity: undefined }); // wakes those who wait for the removal
  options.onEvent('remove', last);
}

function door(table: VmTable, engine: OperationRooms, options: VmsOptions): Vms {
  const { rooms } = options;
  const chooseOneByOne = createVmQueues();
  const end = (vm: LiveVm, graceMs: number | undefined, call: Call) =>
    runOperation(
      vm,
      {
        verb: 'stop',
        goal: graceMs === undefined ? { kind: 'stopped' } : { kind: 'stopped', graceMs },
        preempt: true,
        before: () => intend(vm, engine, false),
        report: call.report,
      },
      engine,
    );

  return {
    list: () => [...table.all().map(describeVm), ...table.broken().map(describeBroken)],
    inspect: (word) => describeVm(table.resolve(word)),
    create: async (request, call) => {
      const vm = await createVm(request, {
        rooms,
        table,
        choose: (choice) => chooseOneByOne.run('addresses', choice),
        vmDefaults: options.vmDefaults,
        operation: newOperationId(),
        ...call,
      });
      options.onEvent('create', describeVm(vm));
      return describeVm(vm);
    },
    start: async (word, call) => {
      const vm = table.resolve(word);
      await startOperation(vm, engine, options, { call, restarts: 0 });
      if (call.wait === 'ssh') await untilSsh(vm, call);
      return describeVm(vm);
    },
    stop: async (word, call) => {
      const vm = table.resolve(word);
      await end(vm, (call.timeoutSeconds ?? vm.record.spec.stopTimeout) * 1000, call);
      return describeVm(vm);
    },
    kill: async (word, call) => {
      const vm = table.resolve(word, 'no-name-prefix');
      const number = signalNumber(call.signalName ?? 'KILL');
      if (number === SIGKILL || vm.record.bound.mode === 'system') await end(vm, undefined, call);
      else await signalMain(vm, number, rooms, call.signal);
      return describeVm(vm);
    },
    remove: async (word, force) => {
      if (force) await table.cancelCreation(word);
      const vm = table.resolve(word, 'no-name-prefix');
      if (!force && (vm.handle !== undefined || vm.activity?.kind === 'starting'))
        throw new IgniteError('vm/running', `${vm.record.metadata.name} is running`);
      const last = describeVm(vm);
      await removeOperation(vm, table, engine, options);
      return last;
    },
    wait: async (word, condition, signal) => {
      const vm = table.resolve(word);
      const { uid } = vm.record.metadata;
      const gone = () => table.byUid(uid) === undefined;
      const stopped = () => vm.handle === undefined && vm.activity === undefined;
      await waitUntil(vm, condition === 'removed' ? gone : () => gone() || stopped(), signal);
      return vm.record.history.lastEnd;
    },
    stream: (word, request, signal) => openVmStream(table.resolve(word), rooms.guest, request, signal),
    logs: (word) => {
      const vm = table.resolve(word);
      const { metadata, bound } = vm.record;
      const { logs } = vmPaths(rooms.state, metadata.uid, bound.slot);
      return { directory: logs, mode: bound.mode, ended: vm.handle?.ended ?? Promise.resolve() };
    },
    usersOf: (uid) =>
      table
        .all()
        .filter(({ record: { bound } }) => bound.imageUid === uid || bound.kernelUid === uid)
        .map(describeVm),
    sshAccess: async (word) => {
      const vm = table.resolve(word);
      const { sshPrivateKey } = await loadSeed(rooms.state, vm.record.metadata.uid);
      return {
        host: addressOf(vm),
        user: 'root',
        ...(sshPrivateKey === undefined ? {} : { privateKey: sshPrivateKey }),
      };
    },
  };
}

async function signalMain(vm: LiveVm, number: number, rooms: Rooms, signal: AbortSignal): Promise<void> {
  const session = await openSession(
    vm,
    rooms.guest,
    AbortSignal.any([signal, AbortSignal.timeout(AGENT_DEADLINE_MS)]),
  );
  const main = await session.main();
  main.exit.catch(() => {}); // the answer is that the signal was sent, not what it did
  main.signal(number);
  main.stdin.end();
}

async function untilSsh(vm: LiveVm, { timeoutSeconds, signal }: StartCall): Promise<void> {
  const deadline = AbortSignal.timeout((timeoutSeconds ?? READY_TIMEOUT_SECONDS) * 1000);
  await waitForSsh(addressOf(vm), AbortSignal.any([signal, deadline]));
}

function addressOf(vm: LiveVm): string {
  const [nic] = vm.record.bound.nics;
  if (nic !== undefined) return nic.address;
  throw new IgniteError('vm/no-network', `${vm.record.metadata.name} has no network`);
}
