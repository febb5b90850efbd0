// What every step gets: the VM, the rooms, and how to say what happens.
import type { Report, VmHistory, VmRecord } from '@ignite/api';
import { type NicPlace, wishedInterfaces } from '../../network/index.ts';
import type { Asker } from '../end.ts';
import type { Queue } from '../../host/index.ts';
import type { LiveVm } from '../live-vm.ts';
import { isDiskClosed } from '../no-room.ts';
import type { Journal } from '../../state/index.ts';
import type { Rooms, VmPaths } from '../rooms.ts';

export interface StartOptions {
  /** The output waits for a reader (foreground `run`). */
  readonly attach: boolean;
  /** How long the guest may take until it reports, in ms. */
  readonly readyTimeoutMs: number;
  /** How long it has been waited for before, by a daemon that is gone, in ms. */
  readonly waitedMs?: number;
}

export interface StepContext {
  readonly vm: LiveVm;
  readonly rooms: Rooms;
  readonly paths: VmPaths;
  readonly journal: Journal;
  /** Id of the operation these steps belong to. */
  readonly operation: string;
  readonly start: StartOptions;
  readonly report: Report;
  /** Recorded as the cause of an end; absent: as the record's intent says. */
  readonly asker?: Asker;
  /** Somebody asked for the end: what does not answer is killed. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** Called once for each new supervisor, so that its end is noticed. */
  readonly watch: (vm: LiveVm) => void;
  /** Told when the end of a run that was watched is written down. */
  readonly ended: (vm: LiveVm) => void;
  /** Does one after the other what changes owners of volumes and devices. */
  readonly owners: Queue;
  /** All VMs, this one included. */
  readonly all: () => readonly LiveVm[];
}

/** Writes a changed history into the record, on disk and in memory. */
export async function saveHistory(context: StepContext, change: Partial<VmHistory>): Promise<void> {
  await replaceHistory(context, { ...context.vm.record.history, ...change });
}

/** The same for a history as a whole. */
export async function replaceHistory({ vm, rooms }: StepContext, history: VmHistory): Promise<void> {
  const record: VmRecord = { ...vm.record, history };
  await rooms.state.vms.put(record);
  vm.record = record;
}

/** The same where it has happened already, room on the disk or not: then this daemon knows it, if not the next. */
export async function noteHistory(context: StepContext, change: Partial<VmHistory>): Promise<void> {
  const { vm } = context;
  try {
    await saveHistory(context, change);
  } catch (error) {
    if (!isDiskClosed(error)) throw error;
    vm.record = { ...vm.record, history: { ...vm.record.history, ...change } };
  }
}

/** What the network room wants to know of the VM, for the NIC of an index. */
export function attachContext(context: StepContext, place: NicPlace) {
  const { bound, history, metadata, spec } = context.vm.record;
  return {
    ...place,
    vmUid: metadata.uid,
    vmName: metadata.name,
    uid: bound.uid ?? 0,
    ...(spec.network.policy === undefined ? {} : { policy: spec.network.policy }),
    interfaces: wishedInterfaces(metadata.annotations),
    ignoreHeldPorts: history.ignoresHeldPorts ?? false,
    claims: context.journal,
    signal: context.signal,
  };
}

/** Remembers and reports that the VM's supervisor did not answer and was killed with its VMM. */
export function noteForced({ vm, report }: Pick<StepContext, 'vm' | 'report'>): void {
  vm.forced = true;
  const { name } = vm.record.metadata;
  report({ kind: 'note', text: `The supervisor of ${name} did not answer and was killed with its VM` });
}
