// Remembers which events each VM has had, from the event log: a new daemon does not repeat what the last one has reported, and
// reports what happened while none ran.
import type { Vm } from '@ignite/api';
import type { Complain } from '../complain.ts';
import type { Clock } from '../../host/index.ts';
import type { Events } from '../../state/index.ts';
import type { VmAction, VmsOptions } from '../vms-port.ts';

/** This many of the newest events are read. Of a VM that is in none of them nothing is known. */
const LOOK_BACK = 10_000;

/** Of one VM; absent: nothing was told of it since its start. */
interface Told {
  /** Its last start was told, and its end was not. */
  readonly up?: boolean;
  /** When its last end was, as far as it was told, RFC 3339. */
  readonly endedAt?: string;
  /** With what detail; false after it was let go on. */
  readonly paused?: string | false;
  readonly agentLost?: boolean;
  readonly health?: string | undefined;
}

export interface Teller {
  /** Emits an event, unless it says the same as the last one. */
  readonly tell: VmsOptions['onEvent'];
  /** Emits that a VM has come up if it is known that no event said so. @param at when, RFC 3339 */
  readonly tellUp: (vm: Vm, at?: string) => void;
  /**
   * Tells of an end that nobody wrote down, and first of the start before it where that was not told; nothing of one that was told, by a
   * daemon that had no room to write it down.
   * @param end its times, RFC 3339, and whether the VM is known to have come up
   */
  readonly tellEnd: (
    vm: Vm,
    end: { readonly startedAt: string; readonly at: string; readonly ran: boolean },
  ) => void;
}

interface TellerOptions {
  readonly events: Pick<Events, 'last' | 'read'>;
  readonly onEvent: VmsOptions['onEvent'];
  readonly clock: Pick<Clock, 'now'>;
  readonly complain: Complain;
  readonly signal: AbortSignal;
}

/** A teller that knows the events of earlier daemons. */
export async function createTeller({
  events,
  onEvent,
  clock,
  complain,
  signal,
}: TellerOptions): Promise<Teller> {
  const told = new Map<string, Told>();
  const note = (uid: string, action: string, what: What, at: string) => {
    if (action === 'remove') told.delete(uid);
    else told.set(uid, after(told.get(uid) ?? {}, action, what, at));
  };
  try {
    const since = Math.max(0, events.last() - LOOK_BACK);
    for await (const event of events.read({ since, follow: false, signal }))
      if (event.kind === 'vm' && event.vm !== undefined)
        note(event.vm, event.action, event.attributes, event.time);
  } catch (error) {
    complain('What was told before cannot be read; some of it will be told again', error);
  }
  const tell: Teller['tell'] = (action, vm, at, leftOut = 0) => {
    const { uid } = vm.metadata;
    if (leftOut === 0 && !isNews(told.get(uid) ?? {}, action, vm.status)) return;
    note(uid, action, vm.status, at ?? clock.now().toISOString());
    onEvent(action, vm, at, leftOut);
  };
  const tellUp: Teller['tellUp'] = (vm, at) => {
    if (told.get(vm.metadata.uid)?.up === false) tell('start', vm, at);
  };
  return {
    tell,
    tellUp,
    tellEnd: (vm, { startedAt, at, ran }) => {
      const { endedAt = '' } = told.get(vm.metadata.uid) ?? {};
      if (endedAt >= startedAt) return;
      if (ran) tellUp(vm, startedAt);
      tell('die', vm, at);
    },
  };
}

/** What an event says beside its action, as attributes of the log and as a VM's status have it. */
interface What {
  readonly detail?: string | undefined;
  readonly health?: string | undefined;
}

/** What is told of a VM after one more event. */
function after(told: Told, action: string, { detail = '', health }: What, at: string): Told {
  switch (action) {
    case 'start':
      return { up: true };
    case 'die':
      return { up: false, endedAt: at };
    case 'create':
    case 'fail':
      return { up: false };
    case 'pause':
      return { ...told, paused: detail };
    case 'unpause':
      return { ...told, paused: false };
    case 'agent-lost':
    case 'agent-back':
      return { ...told, agentLost: action === 'agent-lost' };
    case 'health':
      return { ...told, health };
    default:
      return told;
  }
}

/** Whether an event says another thing than was told last. */
function isNews(told: Told, action: VmAction, { detail = '', health }: What): boolean {
  switch (action) {
    case 'pause':
      return told.paused !== detail;
    case 'unpause':
      return told.paused !== false;
    case 'agent-lost':
    case 'agent-back':
      return told.agentLost !== (action === 'agent-lost');
    case 'health':
      return told.health !== health;
    default:
      return true;
  }
}
