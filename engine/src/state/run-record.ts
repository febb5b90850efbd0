// A copy of a VM's record in its run folder: a running VM can be adopted by it if the state directory has lost the record and
// its backup, or was replaced by an older one.
import { type VmRecord, vmRecordCodec } from '@ignite/api';
import { readIfThere, replaceFile } from '../host/index.ts';
import { runFile } from './files.ts';
import { decodeRecord, encodeRecord } from './records.ts';
import { guarded } from './state-errors.ts';

/** Writes the copy into the run folder of the VM's slot, which is there. */
export async function saveRunRecord(runRoot: string, record: VmRecord): Promise<void> {
  const path = runFile(runRoot, 'record', { slot: record.bound.slot });
  await guarded('write', path, () => replaceFile(path, encodeRecord(path, vmRecordCodec.encode(record))));
}

/** The copy of a slot; undefined where there is none. @throws IgniteError `state/record-broken` */
export async function loadRunRecord(runRoot: string, slot: number): Promise<VmRecord | undefined> {
  const path = runFile(runRoot, 'record', { slot });
  const text = await guarded('read', path, () => readIfThere(path));
  return text === undefined ? undefined : decodeRecord(path, text, vmRecordCodec);
}
