// Whether a VM should run, and who says so (D2: intent is spec; D11: on a managed VM a person's word is an override).
import type { VmHistory, VmRecord } from '@ignite/api';
import type { LiveVm } from './live-vm.ts';
import { isDiskClosed } from './no-room.ts';
import type { Rooms } from './rooms.ts';

/** `user`: a start, stop or kill by hand. `manager`: the owner of the spec. `policy`: the restart policy. */
export type Intender = 'user' | 'manager' | 'policy';

/** The manager of objects that people make by commands and by `apply`. */
export const API_MANAGER = 'api';

/** Whether it should run now: the override of a person before what the spec says. */
export function wantsToRun({ spec, override }: VmRecord): boolean {
  return override?.running ?? spec.running;
}

interface Intent {
  readonly running: boolean;
  readonly by: Intender;
  /** Restarts by policy in a row. */
  readonly restarts?: number;
  /** What a start says of ports that are held; absent: as for the last one. */
  readonly ignoreHeldPorts?: boolean | undefined;
}

/** Writes the intent down. On a managed VM a person changes the override, never the spec. */
export async function intend(
  vm: LiveVm,
  { rooms }: { readonly rooms: Pick<Rooms, 'state' | 'clock'> },
  intent: Intent,
): Promise<void> {
  const record = intended(vm.record, intent, rooms.clock.now());
  if (record === vm.record) return;
  try {
    await rooms.state.vms.put(record);
  } catch (error) {
    if (intent.running || !isDiskClosed(error)) throw error; // a disk that takes nothing must not keep a VM running
  }
  vm.record = record;
}

/** The record with the intent; the same object where it says so already. Pure. */
export function intended(record: VmRecord, intent: Intent, now: Date): VmRecord {
  const { running, by } = intent;
  const history = historyWith(record.history, intent);
  if (by === 'user' && record.manager !== API_MANAGER) {
    const { override, ...rest } = record;
    if (running === record.spec.running)
      return override === undefined && history === record.history ? record : { ...rest, history };
    if (override?.running === running && history === record.history) return record;
    return { ...rest, override: { running, at: now.toISOString() }, history };
  }
  const mayChange = by !== 'policy' || record.manager === API_MANAGER;
  const changes = mayChange && record.spec.running !== running;
  if (!changes && history === record.history) return record;
  return {
    ...record,
    generation: record.generation + (changes ? 1 : 0),
    spec: changes ? { ...record.spec, running } : record.spec,
    history,
  };
}

/** The same object where it says so already. */
function historyWith(history: VmHistory, { restarts = 0, ignoreHeldPorts }: Intent): VmHistory {
  const { ignoresHeldPorts: before = false, ...rest } = history;
  const ignores = ignoreHeldPorts ?? before;
  if (history.restarts === restarts && ignores === before) return history;
  return { ...rest, restarts, ...(ignores ? { ignoresHeldPorts: true } : {}) };
}
