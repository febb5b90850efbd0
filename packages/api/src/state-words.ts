// The words for a VM's state, and the STATUS column of `ps` made from them.
import { displayAge } from './ages.ts';

/**
 * `broken`: record or journal cannot be read, so nothing is done to it until it is repaired. `unmanaged`: runs with our
 * mark, but has no record.
 */
export const STATE_WORDS = [
  'created',
  'starting',
  'running',
  'paused',
  'stopping',
  'stopped',
  'failed',
  'broken',
  'unmanaged',
] as const;

/** What a health check last said; `starting` before its first word that counts. */
export const HEALTH_WORDS = ['starting', 'healthy', 'unhealthy'] as const;

export type HealthWord = (typeof HEALTH_WORDS)[number];

export type StateWord = (typeof STATE_WORDS)[number];

/** What the STATUS column needs. */
export interface StateFacts {
  readonly state: StateWord;
  /** RFC 3339; since when it runs. */
  readonly startTime?: string;
  /** A few words in brackets: `agent lost`, `guest rebooted`, a stage. */
  readonly detail?: string;
  readonly health?: HealthWord;
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
  unmanaged: 'Up',
};

/** Where the word of the column is not enough to know the state. */
const OWN_DETAIL: Readonly<Partial<Record<StateWord, string>>> = {
  stopping: 'stopping',
  unmanaged: 'unmanaged',
};

/** The STATUS column: `Up 5m`, `Stopped (guest rebooted)`; the first word as CLI rule 14 lists them. */
export function describeState(facts: StateFacts, now: Date): string {
  const word = COLUMN[facts.state];
  const age = facts.state === 'running' && facts.startTime !== undefined;
  const base = age ? `${word} ${displayAge(facts.startTime, now)}` : word;
  const detail = facts.detail ?? shownHealth(facts) ?? OWN_DETAIL[facts.state];
  return detail === undefined ? base : `${base} (${detail})`;
}

const ACTIVE: ReadonlySet<StateWord> = new Set(['starting', 'running', 'paused', 'stopping', 'unmanaged']);

/** As Docker shows it. */
function shownHealth({ state, health }: StateFacts): string | undefined {
  if (state !== 'running') return undefined;
  return health === 'starting' ? 'health: starting' : health;
}

/** Whether a VMM process is there, or is being made: what `ps` without `-a` shows. */
export function isActive(state: StateWord): boolean {
  return ACTIVE.has(state);
}
