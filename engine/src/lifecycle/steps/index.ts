// Executors of the planner's steps. A step without one does not compile.
import type { Step, Steps } from './planner.ts';
import { awaitReady } from './await-ready.ts';
import { clearRun, removeFiles } from './clear.ts';
import type { StepContext } from './context.ts';
import { kill, recordEnd, shutDown } from './end.ts';
import { launch, prepareLaunch } from './launch.ts';
import { attachNetwork, detachNetwork } from './network.ts';

export { type StartOptions, type StepContext, noteHistory } from './context.ts';
export { shutDown } from './end.ts';

type Executors = {
  readonly [K in keyof Steps]: (context: StepContext, step: Extract<Step, { kind: K }>) => Promise<void>;
};

const executors: Executors = {
  attachNetwork,
  prepareLaunch,
  launch,
  awaitReady,
  shutDown,
  kill,
  recordEnd,
  detachNetwork,
  clearRun,
  removeFiles,
};

/** Runs one step to its end. Every executor is idempotent: it looks, acts and verifies. */
export async function execute<K extends keyof Steps>(
  context: StepContext,
  step: Extract<Step, { kind: K }>,
): Promise<void> {
  const executor: Executors[K] = executors[step.kind as K];
  await executor(context, step);
}
