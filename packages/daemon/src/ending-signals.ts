// Signals that end the daemon, heard from its first moment on: one that comes while it begins is kept until there is
// something that can end in order, so that no socket and no lock of a half made daemon stays.
import { constants } from 'node:os';

const NAMES = ['SIGTERM', 'SIGINT'] as const;

/** The part of `process` that is needed. */
export interface SignalSource {
  on(name: (typeof NAMES)[number], listener: () => void): unknown;
  exit(code: number): unknown;
}

export interface EndingSignals {
  /** From now on a signal calls `end`; one that came before does so at once. */
  endWith(end: (name: string) => void): void;
}

/** Begins to listen. A second signal before there is anything to end ends the process at once: its sender does not want to wait. */
export function hearEndingSignals(source: SignalSource): EndingSignals {
  let kept: string | undefined;
  let end: ((name: string) => void) | undefined;
  for (const name of NAMES)
    source.on(name, () => {
      if (end !== undefined) return end(name);
      if (kept !== undefined) source.exit(128 + constants.signals[name]);
      kept = name;
    });
  return {
    endWith: (next) => {
      end = next;
      if (kept !== undefined) next(kept);
    },
  };
}
