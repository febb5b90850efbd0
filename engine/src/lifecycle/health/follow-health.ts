// Follows the health of one run of a VM: nothing at all for a VM without a check, else one timer.
import { change, type LiveVm } from '../live-vm.ts';
import type { Rooms } from '../rooms.ts';
import { openSession } from '../connect/session.ts';
import { waitForReady } from '../wait.ts';
import { ask } from './ask.ts';
import { effectiveCheck, type FullCheck, judge, UNKNOWN } from './judge.ts';

interface HealthHooks {
  readonly rooms: Rooms;
  /** The word is another than before. */
  readonly changed: (vm: LiveVm, what: 'health') => void;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
}

/** Checks until the run is over. Never throws: what ends it is the end of the VM or of the daemon. */
export async function followHealth(vm: LiveVm, hooks: HealthHooks): Promise<void> {
  const { handle } = vm;
  if (handle === undefined) return;
  const signal = AbortSignal.any([hooks.signal, handle.over]);
  try {
    const check = await checkOf(vm, hooks.rooms);
    if (check === undefined || vm.handle !== handle) return;
    change(vm, { health: UNKNOWN });
    const adopted = handle.status().phase === 'ready';
    await waitForReady(vm, signal);
    await checkAgainAndAgain(vm, check, adopted, { ...hooks, signal });
  } catch {
    // it ended, or the daemon does
  } finally {
    if (vm.handle === handle || vm.handle === undefined) change(vm, { health: undefined });
  }
}

/** The first check comes after one interval, as in Docker; of a VM that ran before this daemon at once. */
async function checkAgainAndAgain(
  vm: LiveVm,
  check: FullCheck,
  adopted: boolean,
  { rooms, changed, signal }: HealthHooks,
): Promise<void> {
  const { clock } = rooms;
  const begun = clock.monotonicMs() - (adopted ? check.startPeriodMs : 0);
  const askable = {
    nics: vm.record.bound.nics,
    session: (until: AbortSignal) => openSession(vm, rooms.guest, until),
  };
  for (let first = adopted; ; first = false) {
    if (!first) await clock.sleep(check.intervalMs, signal);
    if (vm.paused || vm.activity !== undefined) continue; // it cannot answer, or is on its way out
    const answer = await ask(check, askable, signal);
    const before = vm.health ?? UNKNOWN;
    const after = judge(before, answer, check, clock.monotonicMs() - begun);
    if (vm.paused || vm.activity !== undefined) continue; // what it said while it was being ended means nothing
    change(vm, { health: after });
    if (after.word !== before.word) changed(vm, 'health');
  }
}

async function checkOf({ record }: LiveVm, rooms: Rooms): Promise<FullCheck | undefined> {
  const own = record.spec.healthCheck;
  if (own?.kind !== undefined) return effectiveCheck(own, undefined);
  const image = await rooms.images.find(record.bound.imageUid);
  return effectiveCheck(own, image?.config.healthCheck);
}
