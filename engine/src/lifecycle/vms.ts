// Opens the lifecycle: recovers, adopts what runs, starts what should, and answers.
import type { VmRecord } from '@ignite/api';
import { watchAgents } from './watch/agent-watch.ts';
import { describeVm } from './describe-vm.ts';
import { createDoor } from './door.ts';
import { createQueue } from '../host/index.ts';
import { createLimiter } from '../work/index.ts';
import { comeBack, type ComeBackHooks, comesBackWithDaemon } from './watch/come-back.ts';
import { hasEnded } from './last-run.ts';
import { change, type LiveVm, liveVm } from './live-vm.ts';
import { careForNetwork } from './watch/network-care.ts';
import type { OperationRooms } from './operations.ts';
import { createEventBrake } from './watch/event-brake.ts';
import { endKept } from './connect/opening.ts';
import { createVmQueues } from './queue.ts';
import { adoptAll, settleAll, undoInterrupted } from './recover/recover.ts';
import { reachAgain } from './recover/reach-again.ts';
import { openSession } from './connect/session.ts';
import { findUnmanaged } from './recover/unmanaged.ts';
import { seeBootThrough } from './watch/see-boot-through.ts';
import { createTeller, type Teller } from './watch/event-memory.ts';
import { removeOperation, startOperation } from './verbs.ts';
import { createVmTable, type VmTable } from './vm-table.ts';
import type { Vms, VmsOptions } from './vms-port.ts';
import { createWatcher } from './watch/watcher.ts';
import { watchSnapshots } from './watch/watch-snapshots.ts';

/** Recovers what an earlier daemon left, adopts what runs, and answers. */
export async function openVms(given: VmsOptions): Promise<Vms> {
  const { rooms, complain } = given;
  const teller = await createTeller({ ...given, events: rooms.state.events, clock: rooms.clock });
  const onEvent = teller.tell;
  const options: VmsOptions = { ...given, onEvent };
  const unmanaged = await findUnmanaged(rooms, complain);
  await undoInterrupted(rooms.state, unmanaged, complain);
  const live = (record: VmRecord) => liveVm(record, rooms.state.bootId);
  const table = createVmTable(rooms.state.vms.list().map(live), rooms.state.vms.broken, unmanaged);
  const tellOften = createEventBrake({
    clock: rooms.clock,
    tell: (vm, action, leftOut) => onEvent(action, describeVm(vm), undefined, leftOut),
    signal: options.signal,
  });
  const engine = createEngine(table, options, tellOften);
  options.signal.addEventListener('abort', () => letGo(table), { once: true });
  const outOfReach = await adoptAll(table.all(), rooms, engine.watch, complain);
  const known = table.all().filter((vm) => !outOfReach.has(vm)); // the others must not be treated as ended
  const present = () => [...table.all(), ...table.unmanaged().flatMap(({ vm }) => vm ?? [])];
  await careForNetwork({ network: rooms.network, vms: present, complain, signal: options.signal });
  for (const vm of await settleAll(known, engine, {
    complain,
    ended: tellerOfEnds(teller),
  }))
    table.drop(vm.record.metadata.uid);
  for (const vm of known) {
    followBoot(vm, engine, options, teller);
    followPolicy(vm, table, engine, options);
  }
  for (const vm of outOfReach) void reachLater(vm, table, engine, options, teller);
  if (options.watchesAgents === true) beginAgentWatch(table, engine, options, tellOften);
  beginSnapshotWatch(table, engine, options);
  return createDoor(table, engine, options);
}

/** Tells what a guest may change as often as it likes. */
type TellOften = ReturnType<typeof createEventBrake>;

function beginAgentWatch(
  { all }: VmTable,
  { rooms }: OperationRooms,
  { complain, signal }: VmsOptions,
  tellOften: TellOften,
): void {
  watchAgents({
    vms: all,
    clock: rooms.clock,
    session: (vm, until) => openSession(vm, rooms.guest, until),
    changed: (vm, lost) => {
      change(vm, { agentLost: lost });
      tellOften(vm, lost ? 'agent-lost' : 'agent-back');
    },
    signal,
  }).catch((error: unknown) => complain('Agents are not asked any more whether they live', error));
}

function beginSnapshotWatch({ all }: VmTable, { rooms }: OperationRooms, options: VmsOptions): void {
  const { onEvent, complain, signal } = options;
  void watchSnapshots({
    vms: all,
    clock: rooms.clock,
    snapshots: rooms.disks.snapshots,
    instance: rooms.state.instance,
    filled: (vm) => onEvent('disk-nearly-full', describeVm(vm)),
    complain,
    signal,
  });
}

/** A daemon that ends watches nothing any more; the VMs run on. */
function letGo(table: VmTable): void {
  for (const { handle } of [...table.all(), ...table.unmanaged()]) handle?.close();
  // An open connection would keep the process from ending.
  for (const { session, control } of table.all()) for (const kept of [session, control]) endKept(kept);
}

function createEngine(table: VmTable, options: VmsOptions, tellOften: TellOften): OperationRooms {
  const { rooms, complain, onEvent, signal } = options;
  const engine: OperationRooms = {
    rooms,
    queues: createVmQueues(),
    boots: createLimiter(options.bootsAtOnce),
    choose: createQueue(),
    owners: createQueue(),
    takenNics: table.takenNics,
    all: table.all,
    hostPaths: options.hostPaths,
    halting: new AbortController(),
    ending: signal,
    // As it is now, not as what ends or starts it will leave it.
    ended: (vm) => onEvent('die', describeVm({ ...vm, activity: undefined })),
    watch: createWatcher(() => engine, {
      comeBack: (vm) => comeBack(vm, true, hooksOf(engine, options)),
      changed: (vm, what) =>
        what === 'pause' || what === 'unpause' ? onEvent(what, describeVm(vm)) : tellOften(vm, what),
      remove: (vm) => removeOperation(vm, table, engine, options),
      complain: (vm, error) => complain(`After the end of ${vm.record.metadata.name}`, error),
      signal,
    }),
  };
  return engine;
}

/** Adopts a VM as soon as its supervisor answers; if that is gone by then, its end is handled as at the start of the daemon. */
async function reachLater(
  vm: LiveVm,
  table: VmTable,
  engine: OperationRooms,
  options: VmsOptions,
  teller: Teller,
): Promise<void> {
  const { complain, signal } = options;
  if (!(await reachAgain(vm, engine, signal))) return;
  if (vm.handle !== undefined) return followBoot(vm, engine, options, teller);
  const hooks = { complain, ended: tellerOfEnds(teller) };
  for (const one of await settleAll([vm], engine, hooks)) table.drop(one.record.metadata.uid);
  followPolicy(vm, table, engine, options);
}

/** Ends that follow from what ran inside: the VM had come up. */
const RAN: ReadonlySet<string> = new Set(['command', 'poweroff', 'reboot']);

/** Handles an end that no daemon saw. */
function tellerOfEnds({ tellEnd }: Teller): (vm: LiveVm, at: string) => void {
  return (vm, at) => {
    const { lastStart, lastEnd } = vm.record.history;
    const ran = lastEnd !== undefined && RAN.has(lastEnd.how);
    tellEnd(describeVm(vm), { startedAt: lastStart?.at ?? at, at, ran });
  };
}

/** A guest that was booting when the daemon before this one ended has no more time for it than any other. */
function followBoot(vm: LiveVm, engine: OperationRooms, options: VmsOptions, { tellUp }: Teller): void {
  const { handle } = vm;
  const status = handle?.status();
  if (status?.phase === 'ready') return tellUp(describeVm(vm), status.calledAt);
  const onUp = () => {
    if (vm.handle === handle && handle?.status().ready !== undefined) tellUp(describeVm(vm));
  };
  const onFailure = () => options.onEvent('fail', describeVm(vm));
  seeBootThrough(vm, engine, { onUp, onFailure, hooks: hooksOf(engine, options) }).catch((error: unknown) =>
    complainOf(vm, error, options),
  );
}

/** What the policy makes of a VM that ended while no daemon was there. */
function followPolicy(vm: LiveVm, table: VmTable, engine: OperationRooms, options: VmsOptions): void {
  if (vm.handle !== undefined || vm.removed) return;
  const { record } = vm;
  const follow = async () => {
    if (comesBackWithDaemon(record, engine.rooms.state.bootId))
      await comeBack(vm, false, hooksOf(engine, options));
    else if (hasEnded(record.history) && record.spec.autoRemove)
      await removeOperation(vm, table, engine, options);
  };
  follow().catch((error: unknown) => complainOf(vm, error, options));
}

function hooksOf(engine: OperationRooms, options: VmsOptions): ComeBackHooks {
  return {
    clock: engine.rooms.clock,
    start: async (vm, restarts, wanted) => {
      if (!engine.halting.signal.aborted)
        await startOperation(vm, engine, options, { restarts, by: 'policy', wanted });
    },
    complain: (vm, error) => complainOf(vm, error, options),
    signal: options.signal,
  };
}

function complainOf(vm: LiveVm, error: unknown, { complain, signal }: VmsOptions): void {
  if (!signal.aborted) complain(`Could not start ${vm.record.metadata.name} again`, error);
}
