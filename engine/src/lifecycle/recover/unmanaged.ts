// VMs that run with our mark and have no record: their folder was removed, or the state directory is an older one that
// was put back. They are shown, keep their slot, address and rules, and `ignite repair` adopts them.
import { IgniteError, type Vm, type VmRecord } from '@ignite/api';
import { loadRunRecord, runFile } from '../../state/index.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { describeBroken } from '../describe-broken.ts';
import { describeVm } from '../describe-vm.ts';
import { type LiveVm, liveVm } from '../live-vm.ts';
import type { Complain } from '../complain.ts';
import type { Rooms } from '../rooms.ts';

const ADOPT_MS = 15_000;

/** One that runs and has no record. */
export interface Unmanaged {
  readonly uid: string;
  readonly slot: number;
  readonly handle: SupervisorHandle;
  /** As it was started, if its run folder still has the copy of its record. It is not in the table and is left alone. */
  readonly vm?: LiveVm;
}

/** Looks into the run folders that no record names. Changes nothing on the host. */
export async function findUnmanaged(
  { state, supervisor }: Pick<Rooms, 'state' | 'supervisor'>,
  complain: Complain,
): Promise<readonly Unmanaged[]> {
  const found: Unmanaged[] = [];
  for (const { slot } of await state.orphanSlots()) {
    try {
      const folder = runFile(state.runRoot, 'slot', { slot });
      const handle = await supervisor.adopt(folder, AbortSignal.timeout(ADOPT_MS));
      if (handle === undefined) continue;
      const uid = handle.status().vmUid;
      const record = await recordOf(state.runRoot, slot, uid);
      const vm = record === undefined ? undefined : Object.assign(liveVm(record, state.bootId), { handle });
      found.push({ uid, slot, handle, ...(vm === undefined ? {} : { vm }) });
    } catch (error) {
      complain(`Could not look at slot ${slot}, which no record names`, error);
    }
  }
  return found;
}

/** A copy that cannot be read, or is of another VM, is ignored. */
async function recordOf(runRoot: string, slot: number, uid: string): Promise<VmRecord | undefined> {
  const record = await loadRunRecord(runRoot, slot).catch(() => undefined);
  return record?.metadata.uid === uid && record.bound.slot === slot ? record : undefined;
}

/** The served form: what is known of it, and the word `unmanaged`. */
export function describeUnmanaged({ uid, handle, vm }: Unmanaged): Vm {
  const problem = new IgniteError('vm/unmanaged', `The VM ${uid} runs, but has no record`);
  const known = vm === undefined ? describeBroken({ folder: uid, path: '', problem }) : describeVm(vm);
  const { detail: _, ...status } = known.status;
  const runtime = { id: String(handle.status().vmmPid), name: 'process' };
  return {
    ...known,
    status: { ...status, running: true, runtime, state: 'unmanaged', reason: problem.code },
  };
}
