// Repairs broken VMs: the record from its backup, the journal from what can be read of it, and the rest from what is on the
// host. Adopts VMs that run without a record. Nothing is deleted: an unreadable file is kept next to its replacement.
import { IgniteError, type Vm } from '@ignite/api';
import { type LiveVm, liveVm } from '../live-vm.ts';
import { type OperationRooms, runOperation } from '../operations.ts';
import { takeHold } from './take-hold.ts';
import { describeUnmanaged, type Unmanaged } from './unmanaged.ts';
import { removeOperation } from '../verbs.ts';
import type { VmTable } from '../vm-table.ts';
import type { Repaired, VmsOptions } from '../vms-port.ts';

const KILL_MS = 30_000;

/**
 * Repairs all broken VMs, or those that are named by folder, UID or name.
 * @throws IgniteError `vm/not-found` for a word that names none
 */
export async function repairVms(
  words: readonly string[],
  table: VmTable,
  engine: OperationRooms,
): Promise<readonly Repaired[]> {
  const strangers = table.unmanaged().filter((one) => words.length === 0 || isNamed(one, words));
  for (const word of words) {
    const isKnown = table.broken().some(({ folder }) => folder === word);
    if (!isKnown && !strangers.some((one) => isNamed(one, [word]))) table.resolve(word);
  }
  const done: Repaired[] = [];
  for (const { folder, problem } of table.broken())
    if (words.length === 0 || words.includes(folder))
      done.push(await attempt(folder, problem, () => repairRecord(folder, table, engine)));
  for (const one of strangers) {
    const problem = new IgniteError('vm/unmanaged', `It ran, but had no record`);
    done.push(await attempt(one.uid, problem, () => adopt(one, table, engine)));
  }
  for (const vm of table.all()) {
    const { uid, name } = vm.record.metadata;
    if (words.length > 0 && !words.includes(uid) && !words.includes(name)) continue;
    const { problem } = await engine.rooms.state.vms.journal(uid);
    if (problem !== undefined) done.push(await attempt(uid, problem, () => repairJournal(vm, engine)));
  }
  return done;
}

async function attempt(uid: string, problem: IgniteError, repair: () => Promise<LiveVm>): Promise<Repaired> {
  try {
    const { metadata } = (await repair()).record;
    return { ...named(metadata), result: 'repaired', what: problem.message };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { name: uid, uid, result: 'failed', what: why };
  }
}

function named({ name, uid }: LiveVm['record']['metadata']): Pick<Repaired, 'name' | 'uid'> {
  return { name, uid };
}

async function repairRecord(folder: string, table: VmTable, engine: OperationRooms): Promise<LiveVm> {
  const { rooms } = engine;
  const record = await rooms.state.vms.repair(folder);
  const vm = liveVm(record, rooms.state.bootId);
  table.add(vm);
  await settle(vm, engine);
  return vm;
}

function isNamed({ uid, vm }: Unmanaged, words: readonly string[]): boolean {
  return words.includes(uid) || (vm !== undefined && words.includes(vm.record.metadata.name));
}

/** Puts the record it was started with in its place again. */
async function adopt(
  { uid, vm: known, handle }: Unmanaged,
  table: VmTable,
  engine: OperationRooms,
): Promise<LiveVm> {
  if (known === undefined)
    throw new IgniteError('vm/unmanaged', `Nothing tells how ${uid} was made: its run folder has no record`);
  const { record } = known;
  await engine.rooms.state.vms.put(record);
  const vm = liveVm(record, engine.rooms.state.bootId);
  table.managed(uid);
  table.add(vm);
  await settle(vm, engine); // with a hold of its own
  handle.close();
  return vm;
}

/** Ends a VM that has no record, and removes what it has. @returns what it was */
export async function endUnmanaged(
  stranger: Unmanaged,
  table: VmTable,
  engine: OperationRooms,
  options: VmsOptions,
): Promise<Vm> {
  const last = describeUnmanaged(stranger);
  if (stranger.vm === undefined) {
    await stranger.handle.kill(AbortSignal.timeout(KILL_MS)); // what it had on the host is the janitor's
  } else await removeOperation(await adopt(stranger, table, engine), table, engine, options);
  return last;
}

async function repairJournal(vm: LiveVm, engine: OperationRooms): Promise<LiveVm> {
  await engine.rooms.state.vms.repairJournal(vm.record.metadata.uid);
  await settle(vm, engine);
  return vm;
}

/** Takes hold of what runs, clears up after what does not. */
async function settle(vm: LiveVm, engine: OperationRooms): Promise<void> {
  await takeHold(vm, engine.rooms, engine.watch);
  if (vm.handle === undefined) await runOperation(vm, { verb: 'clear', goal: { kind: 'cleared' } }, engine);
}
