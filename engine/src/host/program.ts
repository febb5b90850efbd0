// A short program while it runs, however it was started, and how it ended.

/** How a program ended. */
export type End =
  | {
      readonly kind: 'ended';
      /** Null where a signal ended it. */
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      readonly stdout: Buffer;
      readonly stderr: Buffer;
    }
  | NotStarted
  /** It was started, or may have been, and how it ended will not be known. */
  | { readonly kind: 'lost'; readonly why: string };

/** It never ran. */
export interface NotStarted {
  readonly kind: 'not-started';
  /** With the name of an errno, and the program that was to be executed. */
  readonly cause: Error & { readonly code?: string; readonly path?: string };
}

export interface Program {
  /** Never rejects. */
  readonly end: Promise<End>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** What of an output stream is kept: its first bytes. */
export interface Kept {
  add(piece: Buffer): void;
  bytes(): Buffer;
}

/** @param limit bytes that are kept; the rest is dropped */
export function keepFirst(limit: number): Kept {
  const pieces: Buffer[] = [];
  let kept = 0;
  return {
    add: (piece) => {
      if (kept >= limit) return;
      const part = piece.subarray(0, limit - kept);
      pieces.push(part);
      kept += part.length;
    },
    bytes: () => Buffer.concat(pieces),
  };
}
