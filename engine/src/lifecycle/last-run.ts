// What a VM's history says of its last run: whether its end is written down, how long it was, and whether a start has
// failed since. The host's clock may be set at any time: nothing here believes the order of two times where something else tells.
import type { RecordedEnd, VmHistory } from '@ignite/api';

/**
 * Whether the last end is that of the last start; false where none was begun. Pure.
 * Records of earlier versions, whose ends do not name their start, have only times.
 */
export function hasEnded({ lastStart, lastEnd }: VmHistory): boolean {
  if (lastStart === undefined || lastEnd === undefined) return false;
  return lastEnd.began === undefined ? lastEnd.at >= lastStart.at : lastEnd.began === lastStart.at;
}

/** Whether it is in the record what became of the last start: its end, or that it came to nothing. Pure. */
export function isEndRecorded(history: VmHistory): boolean {
  const { lastStart, lastFailure } = history;
  const failed = lastStart !== undefined && lastFailure !== undefined && lastFailure.at >= lastStart.at;
  return failed || hasEnded(history);
}

/** Whether a start has failed and no run has ended since. Pure. */
export function hasFailedSince({ lastEnd, lastFailure }: VmHistory): boolean {
  return lastFailure !== undefined && (lastEnd === undefined || lastEnd.at <= lastFailure.at);
}

/** How long the run was that has ended, in ms. Pure. */
export function runTimeMs({ lastStart, lastEnd }: VmHistory): number | undefined {
  if (lastStart === undefined || lastEnd === undefined) return undefined;
  return lastEnd.ranMs ?? Date.parse(lastEnd.at) - Date.parse(lastStart.at);
}

/** The end with the start that it ended. Pure. */
export function endOfLast({ lastStart }: VmHistory, end: RecordedEnd): RecordedEnd {
  return lastStart === undefined ? end : { ...end, began: lastStart.at };
}

/**
 * When something happened that follows a start and its end, RFC 3339: not before them, though the host's clock has been set back
 * since. Pure.
 */
export function momentAfter({ lastStart, lastEnd }: VmHistory, now: Date): string {
  const times = [now.toISOString(), lastStart?.at, lastEnd?.at].filter((at) => at !== undefined);
  return times.toSorted().at(-1) ?? now.toISOString();
}
