// Makes broken VMs whole: the record from its backup, the journal from what can be read of it, and the rest from what is
// on the host. Nothing is deleted: what could not be read is kept beside what takes its place.
import { IgniteError } from '@ignite/api';
import { type LiveVm, liveVm } from './live-vm.ts';
import { type OperationRooms, runOperation } from './operations.ts';
import { takeHold } from './take-hold.ts';
import type { VmTable } from './vm-table.ts';

/** What became of one. */
export interface Repaired {
  readonly name: string;
  readonly uid: string;
  readonly result: 'repaired' | 'failed';
  /** One sentence. */
  readonly what: string;
}

/**
 * Repairs all broken VMs, or those that are named by folder, UID or name.
 * @throws IgniteError `vm/not-found` for a word that names none
 */
export async function repairVms(
  words: readonly string[],
  table: VmTable,
  engine: OperationRooms,
): Promise<readonly Repaired[]> {
  for (const word of words) if (!table.broken().some(({ folder }) => folder === word)) table.resolve(word);
  const done: Repaired[] = [];
  for (const { folder, problem } of table.broken())
    if (words.length === 0 || words.includes(folder))
      done.push(await attempt(folder, problem, () => repairRecord(folder, table, engine)));
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
  const vm = liveVm(record);
  table.add(vm);
  await settle(vm, engine);
  return vm;
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
