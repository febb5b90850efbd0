// What a soak must end with: nothing left, and a daemon as large as after its first fifty cycles.
import type { SoakResult } from './soak.ts';

const RESIDENT = 1.25;

/**
 * Sentences for what is not so; none when all is well.
 * @param heap how much larger the heap may be at the end
 */
export function judge({ facts: { first, last }, left }: SoakResult, heap = 1.1): readonly string[] {
  return [
    ...left.map((one) => `Left: ${one}`),
    ...(last.heap > first.heap * heap ? [`The heap grew from ${first.heap} to ${last.heap} bytes`] : []),
    ...(last.resident > first.resident * RESIDENT
      ? [`Resident memory grew from ${first.resident} to ${last.resident} bytes`]
      : []),
    ...(last.descriptors > first.descriptors
      ? [`Descriptors grew from ${first.descriptors} to ${last.descriptors}`]
      : []),
  ];
}
