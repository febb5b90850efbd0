import type { ErrorTable } from './entry.ts';

/** Errors of the room `supervisor`. */
export const supervisorErrors = {
  'supervisor/start-failed': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The message names the stage that failed; `ignite doctor` checks the host.',
  },
  'supervisor/bad-launch': {
    status: 500,
    exit: 1,
    blame: 'bug',
    hint: 'This is a mistake in Ignite; please report it with the message above.',
  },
  'supervisor/gone': {
    status: 409,
    exit: 1,
    blame: 'host',
    hint: 'The VM has ended meanwhile; `ignite ps -a` shows how.',
  },
  'supervisor/unknown-version': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The VM was started by a newer Ignite: start that version of the daemon, or stop the VM with it first.',
  },
  'supervisor/silent': {
    status: 504,
    exit: 1,
    blame: 'host',
    hint: 'The supervisor of the VM does not answer; `ignite kill` ends it.',
  },
} as const satisfies ErrorTable;
