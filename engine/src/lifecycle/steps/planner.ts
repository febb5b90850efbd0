// Plans are pure: from a goal and observed facts to typed steps. The engine runs them, looks again and plans again,
// until nothing is left to do (D3).
import type { VmFacts } from './facts.ts';

/** What a VM should become. */
export type Goal =
  | { readonly kind: 'running' }
  /** A boot that is under way is seen through; what has ended, or is up, is left alone. */
  | { readonly kind: 'booted' }
  /** `graceMs`: how long the guest may take; absent: killed at once. `stopSignal`: what its command gets instead of its own. */
  | { readonly kind: 'stopped'; readonly graceMs?: number; readonly stopSignal?: number }
  /** What has ended is cleared away; what runs, perhaps started again meanwhile, is left alone. */
  | { readonly kind: 'cleared' }
  | { readonly kind: 'absent' };

/** Every step by name, with its arguments. A step without an executor does not compile (steps/index.ts). */
export interface Steps {
  attachNetwork: object;
  prepareLaunch: object;
  launch: object;
  awaitReady: object;
  shutDown: { readonly graceMs: number; readonly stopSignal?: number };
  kill: object;
  recordEnd: { readonly end: NonNullable<VmFacts['unrecordedEnd']> };
  detachNetwork: object;
  clearRun: object;
  removeFiles: object;
}

export type Step = { readonly [K in keyof Steps]: { readonly kind: K } & Steps[K] }[keyof Steps];

/** The steps that lead from the facts to the goal; empty when the goal is reached. */
export function plan(goal: Goal, facts: VmFacts): readonly Step[] {
  switch (goal.kind) {
    case 'running':
      return planRunning(facts);
    case 'booted':
      return facts.phase === 'starting' ? [{ kind: 'awaitReady' }] : [];
    case 'stopped':
      return [...planEnd(goal, facts), ...planCleared(facts)];
    case 'cleared':
      return planCleared(facts);
    case 'absent':
      return [...planEnd({}, facts), ...planCleared(facts), ...planRemoved(facts)];
  }
}

function planRunning(facts: VmFacts): Step[] {
  if (facts.supervisor === 'running' && facts.phase === 'ready') return [];
  if (facts.supervisor === 'running' && facts.phase === 'ended') return [{ kind: 'kill' }]; // its last moment: seen out, then started
  if (facts.supervisor === 'running') return [{ kind: 'awaitReady' }];
  return [
    ...recordEnd(facts),
    ...(facts.leftovers ? [{ kind: 'clearRun' } as const] : []),
    ...(facts.network === 'absent' || facts.network === 'partial'
      ? [{ kind: 'attachNetwork' } as const]
      : []),
    { kind: 'prepareLaunch' },
    { kind: 'launch' },
    { kind: 'awaitReady' },
  ];
}

function planEnd({ graceMs, stopSignal }: Partial<Steps['shutDown']>, facts: VmFacts): Step[] {
  if (facts.supervisor === 'absent') return [];
  return graceMs === undefined || facts.phase !== 'ready'
    ? [{ kind: 'kill' }]
    : [{ kind: 'shutDown', graceMs, ...(stopSignal === undefined ? {} : { stopSignal }) }];
}

/** What an ended run leaves behind. While the supervisor lives, only the next look knows. */
function planCleared(facts: VmFacts): Step[] {
  if (facts.supervisor === 'running') return [];
  return [
    ...recordEnd(facts),
    ...(facts.network === 'attached' || facts.network === 'partial'
      ? [{ kind: 'detachNetwork' } as const]
      : []),
    ...(facts.leftovers ? [{ kind: 'clearRun' } as const] : []),
  ];
}

function planRemoved(facts: VmFacts): Step[] {
  return facts.supervisor === 'running' ? [] : [{ kind: 'removeFiles' }];
}

function recordEnd(facts: VmFacts): Step[] {
  return facts.unrecordedEnd === undefined ? [] : [{ kind: 'recordEnd', end: facts.unrecordedEnd }];
}
