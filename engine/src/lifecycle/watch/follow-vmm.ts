// Follows what the VMM says of itself, so that `paused` and `agent lost` are read off the host and not remembered: one
// quiet connection a VM, no polling.
import type { VmmControl } from '../../vmm/index.ts';
import { openControl } from '../connect/control.ts';
import { change, type LiveVm } from '../live-vm.ts';
import { endKept } from '../connect/opening.ts';
import type { Rooms } from '../rooms.ts';

/** An agent is lost only after this time: one that ends with its guest, or is restarted, is not. */
const LOST_AFTER_MS = 1_000;
const ANSWER_MS = 5_000;
const AGAIN_AFTER_MS = 1_000;

export type Change = 'pause' | 'unpause' | 'agent-lost' | 'agent-back';

interface FollowHooks {
  readonly rooms: Rooms;
  /** Something changed that was not asked for here. */
  readonly changed: (vm: LiveVm, what: Change) => void;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
}

/** Follows one VMM to its end. Never throws: a question that fails is asked again. */
export async function followVmm(vm: LiveVm, hooks: FollowHooks): Promise<void> {
  const { handle } = vm;
  const over = () => handle === undefined || vm.handle !== handle || hooks.signal.aborted;
  while (!over()) {
    try {
      const until = AbortSignal.any([hooks.signal, AbortSignal.timeout(ANSWER_MS)]);
      const control = await openControl(vm, hooks.rooms, until);
      await followControl(vm, control, over, hooks);
      await Promise.race([handle?.ended, hooks.rooms.clock.sleep(AGAIN_AFTER_MS, hooks.signal)]);
    } catch {
      if (over()) return;
      await hooks.rooms.clock.sleep(AGAIN_AFTER_MS, hooks.signal).catch(() => {});
    }
  }
}

/** Looks at once and after each event, until the connection is over. */
async function followControl(
  vm: LiveVm,
  control: VmmControl,
  over: () => boolean,
  hooks: FollowHooks,
): Promise<void> {
  const look = async () => {
    const state = await control.state(AbortSignal.timeout(ANSWER_MS));
    if (over()) return;
    const { paused, diskFull = false } = state;
    if (paused !== vm.paused || diskFull !== vm.diskFull) tell(vm, { paused, diskFull }, hooks);
    if (state.linkOpen === true && vm.agentLost) tell(vm, { agentLost: false }, hooks);
    if (state.linkOpen === false && !vm.agentLost) await judgeAgent(vm, control, over, hooks);
  };
  const lookQuietly = () => void look().catch(() => {}); // the connection's end is seen below
  const unsubscribe = control.onChange(lookQuietly);
  const unsubscribeStatus = vm.handle?.onStatus(lookQuietly);
  try {
    lookQuietly();
    await control.closed;
  } finally {
    unsubscribe();
    unsubscribeStatus?.();
  }
}

async function judgeAgent(
  vm: LiveVm,
  control: VmmControl,
  over: () => boolean,
  hooks: FollowHooks,
): Promise<void> {
  await hooks.rooms.clock.sleep(LOST_AFTER_MS, hooks.signal);
  const { linkOpen } = await control.state(AbortSignal.timeout(ANSWER_MS));
  const up = vm.handle?.status().phase === 'ready' && vm.activity === undefined;
  if (!over() && linkOpen === false && up && !vm.agentLost) tell(vm, { agentLost: true }, hooks);
}

function tell(
  vm: LiveVm,
  what: { readonly paused: boolean; readonly diskFull: boolean } | { readonly agentLost: boolean },
  hooks: FollowHooks,
): void {
  change(vm, what);
  if ('paused' in what) hooks.changed(vm, what.paused ? 'pause' : 'unpause');
  else {
    // Who waits for an agent that is gone would wait for ever: the transport stays open.
    if (what.agentLost) endKept(vm.session);
    hooks.changed(vm, what.agentLost ? 'agent-lost' : 'agent-back');
  }
}
