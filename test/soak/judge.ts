// What a soak must end with: nothing left, and a daemon as large as after its first fifty cycles.
import type { SoakResult } from './soak.ts';

/** How many times as large the daemon may be at the end. */
export interface Growth {
  readonly heap: number;
  readonly resident: number;
}

/** Of a soak of many minutes. */
const SETTLED: Growth = { heap: 1.1, resident: 1.25 };

/** Sentences for what is not so; none when all is well. */
export function judge(
  { facts: { first, last }, left }: SoakResult,
  { heap, resident }: Growth = SETTLED,
): readonly string[] {
  return [
    ...left.map((one) => `Left: ${one}`),
    ...(last.heap > first.heap * heap ? [`The heap grew from ${first.heap} to ${last.heap} bytes`] : []),
    ...(last.resident > first.resident * resident
      ? [`Resident memory grew from ${first.resident} to ${last.resident} bytes`]
      : []),
    ...(last.descriptors > first.descriptors
      ? [`Descriptors grew from ${first.descriptors} to ${last.descriptors}`]
      : []),
  ];
}
