// Asks a VMM's program for its version until it has said it, once for each program and time of change: asking costs a
// process.
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { isIgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';

export interface SaidVersion {
  /** Absolute path, links resolved. */
  readonly binary: string;
  /** What it printed; empty where it failed or did not end in time, after which it is asked again. */
  readonly said: string;
  /** It did not end in time: it is there, but nobody knows which it is. */
  readonly late?: boolean;
}

/** Runs `program --version`; undefined where it cannot be executed. */
export type AskVersion = (program: string, signal: AbortSignal) => Promise<SaidVersion | undefined>;

/** A program that nobody has read since the host booted is read from a slow disk first, with all that it loads. */
const VERSION_MS = 60_000;

/** Makes an asker that remembers answers. */
export function versionAsker(commands: Commands): AskVersion {
  const known = new Map<string, string>(); // path and modification time → what it said
  return async (program, signal) => {
    try {
      const binary = await realpath(program);
      await access(binary, constants.X_OK);
      const key = `${binary} ${(await stat(binary)).mtimeMs}`;
      const before = known.get(key);
      if (before !== undefined) return { binary, said: before };
      const answer = await run(commands, binary, signal);
      if (answer.said !== '') known.set(key, answer.said);
      return { binary, ...answer };
    } catch (error) {
      if (isIgniteError(error, 'host/program-missing') || isNodeError(error)) return undefined;
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
