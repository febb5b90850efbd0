// Notices the end of a VM's supervisor, whoever caused it: cleans up, writes the end down, and follows the restart
// policy. One watch per supervisor; the daemon needs no timer per VM.
import { isIgniteError } from '@ignite/api';
import { comesBackAfter } from './come-back.ts';
import { createLimiter } from '../../work/index.ts';
import { loadSeed } from '../../state/index.ts';
import { followHealth } from '../health/index.ts';
import { followHostKeys } from './follow-host-keys.ts';
import { followSeed } from './follow-seed.ts';
import { type Change, followVmm } from './follow-vmm.ts';
import type { LiveVm } from '../live-vm.ts';
import { pinServedKeys } from '../host-keys.ts';
import { type OperationRooms, runOperation } from '../operations.ts';
import type { Rooms } from '../rooms.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';

/** How many guests are asked for their host keys at once; `ssh`, which needs them sooner, does not wait for a place. */
const KEYS_AT_ONCE = 4;
const FIRST_REST_MS = 100;
const LONGEST_REST_MS = 60_000;

interface WatcherHooks {
  /** The VMM or the agent is another than before. */
  readonly changed: (vm: LiveVm, what: Change | 'health') => void;
  /** The restart policy wants it again. */
  readonly comeBack: (vm: LiveVm) => Promise<void>;
  readonly remove: (vm: LiveVm) => Promise<void>;
  /** Something failed for which no caller waits. */
  readonly complain: (vm: LiveVm, error: unknown) => void;
  readonly signal: AbortSignal;
}

/** The function that a launch calls once for each new supervisor. */
export function createWatcher(engine: () => OperationRooms, hooks: WatcherHooks): (vm: LiveVm) => void {
  const places = createLimiter(KEYS_AT_ONCE);
  return (vm) => {
    const { handle } = vm;
    if (handle === undefined) return;
    const { changed, signal } = hooks;
    const { rooms } = engine();
    const follow = { rooms, changed, signal };
    void followVmm(vm, follow);
    void followHealth(vm, follow);
    void followSeed(vm, { rooms, queues: engine().queues, complain: hooks.complain, signal });
    void followHostKeys(vm, {
      clock: rooms.clock,
      wanted: (vm) => lacksHostKeys(vm, rooms),
      pin: (vm, signal) => pinServedKeys(vm, engine(), signal),
      places,
      signal,
    });
    void handle.ended
      .then(() => (hooks.signal.aborted ? undefined : afterEnd(vm, handle, engine(), hooks)))
      .catch((error: unknown) => hooks.complain(vm, error));
  };
}

/** Whether a server is likely: the image has one, or a key was given for it. */
async function lacksHostKeys({ record }: LiveVm, rooms: Rooms): Promise<boolean> {
  const image = await rooms.images.find(record.bound.imageUid);
  if (image?.hasSshd !== true && !record.spec.ssh) return false;
  const { hostKeys = [] } = await loadSeed(rooms.state, record.metadata.uid);
  return hostKeys.length === 0;
}

async function afterEnd(
  vm: LiveVm,
  handle: SupervisorHandle,
  engine: OperationRooms,
  hooks: WatcherHooks,
): Promise<void> {
  await untilRecorded(vm, handle, engine, hooks);
  if (hooks.signal.aborted || vm.handle !== undefined) return; // or somebody started it again meanwhile
  const { record } = vm;
  const { lastEnd } = record.history;
  if (lastEnd === undefined) return;
  if (comesBackAfter(record, lastEnd)) await hooks.comeBack(vm);
  else if (record.spec.autoRemove) await hooks.remove(vm);
}

/**
 * The end is recorded first. What could not be cleared, as its owner (Docker) is away, is cleared by the next start; an
 * end that could not be recorded is tried again, for its VM would be shown as running.
 */
async function untilRecorded(
  vm: LiveVm,
  ended: SupervisorHandle,
  engine: OperationRooms,
  hooks: WatcherHooks,
): Promise<void> {
  for (let restMs = FIRST_REST_MS; ; restMs = Math.min(2 * restMs, LONGEST_REST_MS)) {
    const failure = await clear(vm, engine, hooks.signal).then(
      () => undefined,
      (error: unknown) => error ?? new Error('not cleared'),
    );
    if (hooks.signal.aborted) return;
    if (failure !== undefined) hooks.complain(vm, failure);
    if (vm.handle !== ended || vm.removed) return;
    await engine.rooms.clock.sleep(restMs, hooks.signal).catch(() => {}); // the daemon ends
  }
}

/** A stop or an rm may be at it already; then there is nothing left to do when our turn comes. */
async function clear(vm: LiveVm, engine: OperationRooms, signal: AbortSignal): Promise<void> {
  try {
    await runOperation(vm, { verb: 'clear', goal: { kind: 'cleared' }, signal }, engine);
  } catch (error) {
    if (!isSuperseded(error)) throw error;
  }
}

/** A step that was cut short names what cut it as its cause. */
function isSuperseded(error: unknown): boolean {
  if (isIgniteError(error, 'lifecycle/superseded')) return true;
  return error instanceof Error && error.cause !== undefined && isSuperseded(error.cause);
}
