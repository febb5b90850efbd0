// What a daemon does when it starts: undo what was half made, finish what was half removed, adopt what runs, and
// record what ended meanwhile (D3; FORMATS, Journal, 3 and 4).
import { type State, uidFolder } from '../../state/index.ts';
import type { Complain } from '../complain.ts';
import { change, type LiveVm } from '../live-vm.ts';
import { newOperationId, type OperationRooms, runOperation } from '../operations.ts';
import type { Rooms } from '../rooms.ts';
import { takeHold } from './take-hold.ts';
import type { Unmanaged } from './unmanaged.ts';

/** How many VMs are looked at at once. */
const AT_ONCE = 32;

/**
 * A create whose record was never written is undone: its folder goes, and run folders that no record names.
 * @param running VMs without a record that run: nothing of theirs is removed
 */
export async function undoInterrupted(
  state: State,
  running: readonly Unmanaged[],
  complain: Complain,
): Promise<void> {
  for (const folder of state.vms.uncommitted()) {
    if (running.some(({ uid }) => uidFolder(uid) === folder)) continue;
    await orComplain(() => undoCreate(state, folder), `Could not undo the VM ${folder}`, complain);
  }
  for (const orphan of await state.orphanSlots()) {
    if (running.some(({ slot }) => slot === orphan.slot)) continue;
    const left = orphan.claims.live();
    if (left.length === 0) await orComplain(orphan.clear, `Could not clear slot ${orphan.slot}`, complain);
    else
      complain(`Slot ${orphan.slot} still claims ${left.map((claim) => claim.name).join(', ')}`, undefined);
  }
}

/** A journal that cannot be read deletes nothing (FORMATS, Journal, 5). */
async function undoCreate(state: State, folder: string): Promise<void> {
  const journal = await state.vms.journal(folder);
  if (journal.problem !== undefined) throw journal.problem;
  await state.vms.remove(folder, newOperationId());
}

/** Takes over the supervisors that still run. Changes nothing on the host. Returns the VMs whose supervisor does not answer. */
export async function adoptAll(
  vms: readonly LiveVm[],
  rooms: Rooms,
  watch: (vm: LiveVm) => void,
  complain: Complain,
): Promise<ReadonlySet<LiveVm>> {
  const outOfReach = new Set<LiveVm>();
  await forEachBounded(vms, async (vm) => {
    try {
      await takeHold(vm, rooms, watch);
    } catch (error) {
      outOfReach.add(vm);
      vm.holdsDrives = true; // it may run
      vm.holdsNics = true;
      change(vm, { outOfReach: true });
      complain(`Could not take over the VM ${vm.record.metadata.name}`, error);
    }
  });
  return outOfReach;
}

interface SettleHooks {
  readonly complain: Complain;
  /** A VM ended while nobody watched. @param at when, RFC 3339 */
  readonly ended: (vm: LiveVm, at: string) => void;
}

/** Records ends that no daemon saw, removes what ended runs left on the host, and finishes removals. */
export async function settleAll(
  vms: readonly LiveVm[],
  engine: OperationRooms,
  { complain, ended }: SettleHooks,
): Promise<readonly LiveVm[]> {
  const removed: LiveVm[] = [];
  await forEachBounded(vms, async (vm) => {
    const { name, uid } = vm.record.metadata;
    const settle = async () => {
      const { lastEnd: before } = vm.record.history;
      const journal = await engine.rooms.state.vms.journal(uid);
      const removing = journal.pending()?.verb === 'rm';
      if (removing) await runOperation(vm, { verb: 'rm', goal: { kind: 'absent' } }, engine);
      else if (vm.handle === undefined)
        await runOperation(vm, { verb: 'clear', goal: { kind: 'cleared' } }, engine);
      const { lastEnd } = vm.record.history;
      if (removing) removed.push(vm);
      else if (lastEnd !== undefined && lastEnd !== before) ended(vm, lastEnd.at);
    };
    await orComplain(settle, `Could not clean up after the VM ${name}`, complain);
  });
  return removed;
}

async function orComplain(work: () => Promise<void>, text: string, complain: Complain): Promise<void> {
  try {
    await work();
  } catch (error) {
    complain(text, error);
  }
}

async function forEachBounded<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
