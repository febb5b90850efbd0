// Limits the rate of events that a guest can cause at will (its end of the link, its health): a few at once, then one a
// minute. Otherwise one guest could push all other events out of the log. Suppressed events are counted, and the newest is
// always emitted.
import type { Clock } from '../../host/index.ts';
import type { LiveVm } from '../live-vm.ts';

/** This many in a row are emitted as they come. */
const AT_ONCE = 20;
/** Then one for each of these. */
const EVERY_MS = 60_000;

/** The kinds of events that replace each other: of each kind the newest is emitted. */
const SORTS = { 'agent-lost': 'agent', 'agent-back': 'agent', health: 'health' } as const;

type BrakedAction = keyof typeof SORTS;

interface BrakeOptions {
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  /** @param leftOut how many events of the kind were suppressed since the last one */
  readonly tell: (vm: LiveVm, action: BrakedAction, leftOut: number) => void;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
}

interface Brake {
  /** How many may be emitted now; grows with time. */
  room: number;
  at: number;
  /** Those that wait, without the newest. */
  leftOut: number;
  waiting?: BrakedAction | undefined;
}

/** A teller of such events that holds them back where there are too many. */
export function createEventBrake(options: BrakeOptions): (vm: LiveVm, action: BrakedAction) => void {
  const brakes = new WeakMap<LiveVm, Map<string, Brake>>();
  const brakeOf = (vm: LiveVm, sort: string): Brake => {
    const ofVm = brakes.get(vm) ?? new Map<string, Brake>();
    brakes.set(vm, ofVm);
    const brake = ofVm.get(sort) ?? { room: AT_ONCE, at: options.clock.monotonicMs(), leftOut: 0 };
    ofVm.set(sort, brake);
    return brake;
  };
  return (vm, action) => {
    const brake = brakeOf(vm, SORTS[action]);
    refill(brake, options.clock.monotonicMs());
    if (brake.waiting !== undefined) {
      brake.leftOut += 1;
      brake.waiting = action;
    } else if (brake.room >= 1) {
      brake.room -= 1;
      options.tell(vm, action, 0);
    } else {
      brake.waiting = action;
      void tellLater(vm, brake, options);
    }
  };
}

function refill(brake: Brake, now: number): void {
  brake.room = Math.min(AT_ONCE, brake.room + (now - brake.at) / EVERY_MS);
  brake.at = now;
}

/** After the end of the run nothing suppressed is emitted any more: its end is. */
async function tellLater(vm: LiveVm, brake: Brake, { clock, tell, signal }: BrakeOptions): Promise<void> {
  const { handle } = vm;
  try {
    await clock.sleep((1 - brake.room) * EVERY_MS, signal);
  } catch {
    return; // the daemon ends
  }
  const { waiting, leftOut } = brake;
  brake.waiting = undefined;
  brake.leftOut = 0;
  refill(brake, clock.monotonicMs());
  if (waiting === undefined || vm.handle === undefined || vm.handle !== handle) return;
  brake.room = Math.max(0, brake.room - 1);
  tell(vm, waiting, leftOut);
}
