// Changes of a VM that nobody asked the daemon for, and how each is shown.
import type { House } from './house.ts';

/** The VM that changes. */
export const CHANGING = 'changing';

export interface Change {
  readonly what: string;
  readonly change: (house: House) => Promise<unknown>;
  /** State and detail as `ps` shows them. */
  readonly shown: string;
  /** Action of the event that tells it. */
  readonly event: string;
}

export const CHANGES: readonly Change[] = [
  {
    what: 'the end of the command',
    change: (house) => house.say(CHANGING, 'exit 3'),
    shown: 'stopped (exit 3)',
    event: 'die',
  },
  {
    what: 'the end of the VMM',
    change: async (house) => process.kill(Number(house.vms.inspect(CHANGING).status.runtime.id), 'SIGKILL'),
    shown: 'failed (VMM crashed)',
    event: 'die',
  },
  {
    what: 'the end of the supervisor',
    change: async (house) => process.kill(await house.supervisorPid(CHANGING), 'SIGKILL'),
    shown: 'failed (supervisor lost)',
    event: 'die',
  },
  {
    what: 'an agent that is gone',
    change: (house) => house.say(CHANGING, 'link closed'),
    shown: 'running (agent lost)',
    event: 'agent-lost',
  },
];
