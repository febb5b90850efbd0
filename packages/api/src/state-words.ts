// The words for a VM's state, and the STATUS column of `ps` made from them.
import { displayAge } from './ages.ts';

/** `broken`: record or journal cannot be read, so nothing is done to it until it is mended. */
export const STATE_WORDS = [
  'created',
  'starting',
  'running',
  'paused',
  'stopping',
  'stopped',
  'failed',
  'broken',
] as const;

export type StateWord = (typeof STATE_WORDS)[number];

/** What the STATUS column needs. */
export interface StateFacts {
  readonly state: StateWord;
  /** RFC 3339; since when it runs. */
  readonly startTime?: string;
  /** A few words in brackets: `agent lost`, `guest rebooted`, a stage. */
  readonly detail?: string;
}

const COLUMN: Readonly<Record<StateWord, string>> = {
  created: 'Stopped',
  starting: 'Starting',
  running: 'Up',
  paused: 'Paused',
  stopping: 'Up',
  stopped: 'Stopped',
  failed: 'Failed',
  broken: 'Broken',
};

/** The STATUS column: `Up 5m`, `Stopped (guest rebooted)`; the first word as CLI rule 14 lists them. */
export function describeState(facts: StateFacts, now: Date): string {
  const word = COLUMN[facts.state];
  const age = facts.state === 'running' && facts.startTime !== undefined;
  const base = age ? `${word} ${displayAge(facts.startTime, now)}` : word;
  const detail = facts.detail ?? (facts.state === 'stopping' ? 'stopping' : undefined);
  return detail === undefined ? base : `${base} (${detail})`;
}

/** Whether a VMM process is there, or is being made: what `ps` without `-a` shows. */
export function isActive(state: StateWord): boolean {
  return state === 'starting' || state === 'running' || state === 'paused' || state === 'stopping';
}
