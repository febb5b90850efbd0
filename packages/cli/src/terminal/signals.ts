// Signals by number, signal(7) on x86 and arm: the guest is Linux, whatever runs the CLI.
import { constants } from 'node:os';
import { usage } from '../usage-error.ts';

/** Signals that are passed on to an attached command (CLI rule 19). */
export const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** The number of a signal's name, with or without SIG. */
export function signalNumber(name: string): number | undefined {
  const wanted = name.toUpperCase().replace(/^(?!SIG)/, 'SIG');
  return Object.entries(constants.signals).find(([known]) => known === wanted)?.[1];
}

/**
 * `--signal` as the daemon wants it: `SIGTERM`, from a name in any form or a number.
 * @throws IgniteError `cli/usage`
 */
export function signalName(word: string, flag = '--signal'): string {
  const number = /^\d+$/.test(word) ? Number(word) : signalNumber(word);
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  if (found === undefined)
    throw usage(`${flag}: there is no signal "${word}"; write a name such as TERM or HUP, or a number`);
  return found[0];
}
