// Asks a VMM's program for its version and caches it by path and time of change, as each question starts a process. A failed
// question is repeated.
import { realpath, stat } from 'node:fs/promises';
import { isIgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';
import { whyNotExecutable } from './executable.ts';

export interface SaidVersion {
  /** Absolute path, links resolved. */
  readonly binary: string;
  /** What it printed; empty where it failed or did not end in time, after which it is asked again. */
  readonly said: string;
  /** It did not end in time: the program is there, but its version is unknown. */
  readonly late?: boolean;
}

/** Runs `program --version`; where it cannot be executed the answer is a sentence that says why. */
export type AskVersion = (program: string, signal: AbortSignal) => Promise<SaidVersion | string>;

/** At its first use since the boot a program is read from a slow disk, with all that it loads. */
const VERSION_MS = 60_000;

/** Makes an asker that remembers answers. */
export function versionAsker(commands: Commands): AskVersion {
  const known = new Map<string, string>(); // path and modification time → what it said
  return async (program, signal) => {
    try {
      const why = await whyNotExecutable(program);
      if (why !== undefined) return why;
      const binary = await realpath(program);
      const key = `${binary} ${(await stat(binary)).mtimeMs}`;
      const before = known.get(key);
      if (before !== undefined) return { binary, said: before };
      const answer = await run(commands, binary, signal);
      if (answer.said !== '') known.set(key, answer.said);
      return { binary, ...answer };
    } catch (error) {
      // The file is there: what is missing is its loader (ld.so, or the program behind `#!`).
      if (isIgniteError(error, 'host/program-missing'))
        return `${program} cannot be executed: its loader is missing, or it is for another machine`;
      if (isNodeError(error)) return `${program} cannot be executed: ${error.message}`;
      throw error;
    }
  };
}

/** One that fails may do so for a moment only: its libraries are just being replaced, or nobody knows how it ended. */
async function run(
  commands: Commands,
  binary: string,
  signal: AbortSignal,
): Promise<Omit<SaidVersion, 'binary'>> {
  try {
    return { said: (await commands.run([binary, '--version'], { signal, timeoutMs: VERSION_MS })).stdout };
  } catch (error) {
    if (isIgniteError(error, 'host/deadline')) return { said: '', late: true };
    if (isIgniteError(error, 'host/command-failed')) return { said: '' };
    throw error;
  }
}

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && !isIgniteError(error);
}
