// The loop: look, plan, act, and look again until nothing is left to do (D3). An executor's failure ends the loop;
// what was made is claimed, and the next look finds it.
import { IgniteError } from '@ignite/api';
import type { Limiter } from '../work/index.ts';
import { observe } from './observe.ts';
import { requireStartRoom } from '../state/index.ts';
import { type Goal, plan, type Step } from './steps/planner.ts';
import { execute, type StepContext } from './steps/index.ts';
import { takeHold, takeHoldOrEnd } from './recover/take-hold.ts';

/** More looks than any goal needs: a plan that is never done is a bug, not a reason to loop for ever. */
const MAX_LOOKS = 8;

/**
 * Brings a VM to its goal. For `absent` the last step takes the record away, so there is nothing left to look at.
 * @param boots places for VMs that boot at once; held from the launch until the guest reports
 */
export async function converge(goal: Goal, context: StepContext, boots: Limiter): Promise<void> {
  const { vm, rooms, paths, journal, signal } = context;
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    if (context.force) await takeHoldOrEnd(context);
    else await takeHold(vm, rooms, context.watch);
    const steps = plan(goal, await observe(vm, goal, { rooms, paths, journal, signal }));
    if (steps.length === 0) return;
    if (steps.some(({ kind }) => kind === 'launch')) await requireStartRoom(rooms.state.root);
    await executeAll(context, steps, boots);
    if (steps.at(-1)?.kind === 'removeFiles') return;
    if (goal.kind === 'running' && steps.at(-1)?.kind === 'awaitReady') return; // it may have ended since
  }
  throw new IgniteError(
    'lifecycle/no-convergence',
    `${vm.record.metadata.name} did not become ${goal.kind} after ${MAX_LOOKS} looks`,
  );
}

async function executeAll(context: StepContext, steps: readonly Step[], boots: Limiter): Promise<void> {
  using places = new DisposableStack();
  for (const step of steps) {
    context.signal.throwIfAborted();
    if (step.kind === 'launch') places.use(await boots.enter(context.signal));
    await execute(context, step);
  }
}
