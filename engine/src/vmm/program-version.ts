// Asks a VMM's program for its version, once for each program and time of change: asking costs a process.
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { isIgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';

export interface SaidVersion {
  /** Absolute path, links resolved. */
  readonly binary: string;
  /** What it printed; empty where it failed, and, for once, where it did not end in time. */
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
      const said = known.get(key) ?? (await run(commands, binary, signal));
      if (said !== undefined) known.set(key, said); // one that was too slow is asked again
      return said === undefined ? { binary, said: '', late: true } : { binary, said };
    } catch (error) {
      if (isIgniteError(error, 'host/program-missing') || isNodeError(error)) return undefined;
      throw error;
    }
  };
}

/** undefined: it did not end in time. */
async function run(commands: Commands, binary: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await commands.run([binary, '--version'], { signal, timeoutMs: VERSION_MS })).stdout;
  } catch (error) {
    if (isIgniteError(error, 'host/deadline')) return undefined;
    if (isIgniteError(error, 'host/command-failed')) return '';
    throw error;
  }
}

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && !isIgniteError(error);
}
