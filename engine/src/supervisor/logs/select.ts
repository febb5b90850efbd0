// Which pieces of a log were asked for: the last lines, from a time, to a time.
import type { LogPiece } from '@ignite/api/frames';

interface Selection {
  /** Lines from the end of what is there when the reading begins; absent: all. */
  readonly tail?: number | undefined;
  /** Nanoseconds since the epoch, both inclusive. */
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
}

const NEWLINE = 10;

/** Keeps the selected pieces. Memory: what `tail` keeps, at most what the log holds. */
export async function* select(
  pieces: AsyncIterable<LogPiece | 'caught-up'>,
  { tail, since, until }: Selection,
): AsyncGenerator<LogPiece> {
  let waiting = tail === undefined ? undefined : lastLines(tail);
  for await (const piece of pieces) {
    if (piece === 'caught-up') {
      if (waiting !== undefined) yield* waiting.all();
      waiting = undefined;
      continue;
    }
    if (since !== undefined && piece.time < since) continue;
    if (until !== undefined && piece.time > until) continue;
    if (waiting === undefined) yield piece;
    else waiting.add(piece);
  }
}

/** A queue of the pieces that make the last lines; a line may be several pieces. */
function lastLines(count: number): { add(piece: LogPiece): void; all(): readonly LogPiece[] } {
  let pieces: LogPiece[] = [];
  let first = 0;
  let lines = 0;
  let ended = true;
  return {
    add: (piece) => {
      if (ended) lines++;
      ended = piece.bytes.at(-1) === NEWLINE;
      pieces.push(piece);
      while (lines > count && first < pieces.length) {
        if (pieces[first]?.bytes.at(-1) === NEWLINE || count === 0) lines--;
        first++;
      }
      if (first > 1024 && first * 2 > pieces.length) {
        pieces = pieces.slice(first);
        first = 0;
      }
    },
    all: () => pieces.slice(first),
  };
}
