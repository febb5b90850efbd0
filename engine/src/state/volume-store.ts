// Volumes on disk: records, journals and folders, so that a volume is there as a whole or not at all.
import { volumeRecordCodec } from '@ignite/api';
import { type Clock, createQueue, makeFolder, type Queue } from '../host/index.ts';
import { stateFile } from './files.ts';
import { openJournal } from './journal.ts';
import type { FaultPoints, Journal, VolumeStore } from './port.ts';
import { openRecords } from './records.ts';
import { guarded } from './state-errors.ts';
import { deleteFolder, moveToTrash } from './trash.ts';

interface VolumeStorePlaces {
  readonly root: string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly points?: FaultPoints | undefined;
}

/** Reads every volume's record. */
export async function openVolumeStore({
  root,
  bootId,
  clock,
  points,
}: VolumeStorePlaces): Promise<VolumeStore> {
  const records = await openRecords(stateFile(root, 'volumes', {}), volumeRecordCodec, { points });
  const journals = new Map<string, Promise<Journal>>();
  const queues = new Map<string, Queue>();
  const folderOf = (uid: string) => stateFile(root, 'volume', { uid });
  const queueOf = (uid: string): Queue => {
    const queue = queues.get(uid) ?? createQueue();
    queues.set(uid, queue);
    return queue;
  };
  const lasting = (uid: string) => stateFile(root, 'volumeJournal', { uid });
  /** A volume has no claims that die with the boot: they would have nowhere to be. */
  const bootLived = (slot: number): string => {
    throw new RangeError(`A volume has no slot ${slot}`);
  };

  const remove = async (uid: string, op: string) => {
    const trashed = await moveToTrash(root, folderOf(uid), uid, op);
    records.forget(uid);
    journals.delete(uid);
    queues.delete(uid);
    if (trashed !== undefined) await deleteFolder(trashed);
  };

  return {
    list: records.list,
    broken: records.broken,
    uncommitted: records.uncommitted,
    diskPath: (uid) => stateFile(root, 'volumeDisk', { uid }),
    makeFolder: (uid) => guarded('make', folderOf(uid), () => makeFolder(folderOf(uid))),
    put: (record) => queueOf(record.metadata.uid)(() => records.put(record)),
    journal: (uid) => {
      const opened =
        journals.get(uid) ?? openJournal({ uid, lasting: lasting(uid), bootLived, bootId, clock, points });
      journals.set(uid, opened);
      opened.catch(() => journals.delete(uid));
      return opened;
    },
    remove: (uid, op) => queueOf(uid)(() => remove(uid, op)),
  };
}
