// Pins the keys of a guest's SSH server at its first boot, in the background: keys that are pinned later might be those of
// an attacker. A guest makes its keys some time after it is up, so it is asked again with growing pauses.
import type { Clock } from '../../host/index.ts';
import type { Limiter } from '../../work/index.ts';
import type { LiveVm } from '../live-vm.ts';
import { waitForReady } from '../wait.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;
/** About eight minutes: a server that comes later is pinned when somebody first uses it. */
const TRIES = 35;

export interface KeyWatch {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Whether it is likely to have a server, and none of its keys is pinned. */
  readonly wanted: (vm: LiveVm) => Promise<boolean>;
  /** Asks the guest once; true when its keys are pinned. */
  readonly pin: (vm: LiveVm, signal: AbortSignal) => Promise<boolean>;
  /** How many guests are asked at once. */
  readonly places: Limiter;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
}

/** Asks until keys are pinned, the run is over, or it was asked often enough. Never throws. */
export async function followHostKeys(vm: LiveVm, watch: KeyWatch): Promise<void> {
  const { handle } = vm;
  if (handle === undefined) return;
  const signal = AbortSignal.any([watch.signal, handle.over]);
  try {
    await waitForReady(vm, signal);
    await askAgain(vm, { ...watch, signal });
  } catch {
    // it ended, or the daemon does
  }
}

async function askAgain(vm: LiveVm, { clock, wanted, pin, places, signal }: KeyWatch): Promise<void> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    await clock.sleep(Math.min(FIRST_MS * 2 ** tried, LONGEST_MS), signal);
    if (tried === 0 && !(await wanted(vm))) return;
    if (!canAnswer(vm)) continue;
    using _place = await places.enter(signal);
    if (canAnswer(vm) && (await pin(vm, signal).catch(() => false))) return; // an agent that does not answer may do so later
  }
}

/** A guest that is known to be silent holds a place for a minute, in which others with a server would wait. */
function canAnswer({ paused, agentLost, activity }: LiveVm): boolean {
  return !paused && !agentLost && activity === undefined; // with an activity it is on its way out
}
