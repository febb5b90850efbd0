// Reads single values out of a VMM's answers. A guest may have taken over its VMM: types are checked whatever the VMM's
// documentation says, and texts are limited in length.

/** More than any VMM has to say of a failure. */
const MAX_WORDS = 1000;

/** Text of at most 1000 characters; undefined for what is none. */
export function wordsOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, MAX_WORDS) : undefined;
}

/** A count; 0 for what is none. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
