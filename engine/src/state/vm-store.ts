// VMs on disk: records, journals and folders in one place, so that a VM is there as a whole or not at all.
import { type VmRecord, vmRecordCodec } from '@ignite/api';
import { type Clock, makeFolder, createQueue, type Queue } from '../host/index.ts';
import { runFile, stateFile } from './files.ts';
import { openJournal } from './journal.ts';
import { mendJournalFile } from './journal-file.ts';
import type { FaultPoints, Journal, Slots, VmStore } from './port.ts';
import { openRecords } from './records.ts';
import { guarded } from './state-errors.ts';
import { deleteFolder, moveToTrash } from './trash.ts';

interface VmStorePlaces {
  readonly root: string;
  readonly runRoot: string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly slots: Slots;
  readonly points?: FaultPoints | undefined;
}

/** History can be found again by looking, and whether it should run is said again soon. */
function essenceOf({ metadata, spec, bound, manager }: VmRecord): unknown {
  return [metadata, { ...spec, running: true }, bound, manager];
}

/** Reads every VM's record and occupies the slots they name. */
export async function openVmStore(places: VmStorePlaces): Promise<VmStore> {
  const { root, runRoot, slots } = places;
  const records = await openRecords(stateFile(root, 'vms', {}), vmRecordCodec, {
    essence: essenceOf,
    points: places.points,
  });
  const journals = new Map<string, Promise<Journal>>();
  const queues = new Map<string, Queue>();
  for (const record of records.list()) slots.occupy(record.bound.slot);
  for (const { slot } of records.broken()) if (slot !== undefined) slots.occupy(slot);

  const folderOf = (uid: string) => stateFile(root, 'vm', { uid });
  const queueOf = (uid: string): Queue => {
    const queue = queues.get(uid) ?? createQueue();
    queues.set(uid, queue);
    return queue;
  };

  const openOne = async (uid: string): Promise<Journal> => {
    const journal = await openJournal({
      uid,
      lasting: stateFile(root, 'vmJournal', { uid }),
      bootLived: (slot) => runFile(runRoot, 'claims', { slot }),
      bootId: places.bootId,
      clock: places.clock,
      points: places.points,
    });
    const slot = records.get(uid)?.bound.slot;
    if (slot !== undefined) await journal.bindSlot(slot);
    return journal;
  };

  const mendJournals = async (uid: string): Promise<boolean> => {
    const slot = records.get(uid)?.bound.slot;
    const mend = (path: string, kept: 'vmJournalBroken' | 'vmClaimsBroken') =>
      mendJournalFile(path, stateFile(root, kept, { uid }), places.clock);
    const lasting = await mend(stateFile(root, 'vmJournal', { uid }), 'vmJournalBroken');
    const claims = slot === undefined ? undefined : runFile(runRoot, 'claims', { slot });
    const bootLived = claims !== undefined && (await mend(claims, 'vmClaimsBroken'));
    if (lasting || bootLived) journals.delete(uid);
    return lasting || bootLived;
  };

  const remove = async (uid: string, op: string) => {
    const slot = records.get(uid)?.bound.slot;
    const trashed = await moveToTrash(root, folderOf(uid), uid, op);
    try {
      if (slot !== undefined) await deleteFolder(runFile(runRoot, 'slot', { slot }));
    } finally {
      // Until now the slot is this VM's: a run folder that no record names is the janitor's, who frees its slot.
      records.forget(uid);
      journals.delete(uid);
      queues.delete(uid);
    }
    if (slot !== undefined) slots.free(slot);
    if (trashed !== undefined) await deleteFolder(trashed);
  };

  return {
    list: records.list,
    get: records.get,
    broken: records.broken,
    uncommitted: records.uncommitted,
    folder: async (uid) => {
      const path = folderOf(uid);
      await guarded('make', path, () => makeFolder(path));
      return path;
    },
    repair: async (folder) => {
      const record = await queueOf(folder)(() => records.repair(folder));
      slots.occupy(record.bound.slot);
      return record;
    },
    repairJournal: (uid) => queueOf(uid)(() => mendJournals(uid)),
    put: (record) => queueOf(record.metadata.uid)(() => records.put(record)),
    journal: (uid) => {
      const opened = journals.get(uid) ?? openOne(uid);
      journals.set(uid, opened);
      opened.catch(() => journals.delete(uid));
      return opened;
    },
    remove: (uid, op) => queueOf(uid)(() => remove(uid, op)),
  };
}
