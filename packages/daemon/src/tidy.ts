// Returns memory to the host when the work is done: V8 keeps the heap of the busiest moment until it is asked for it.

/** Collects garbage and shrinks the heap, where Node was started with --expose-gc (bin/ignited does); takes some 50 ms. */
export function giveMemoryBack(): void {
  // `last-resort` shrinks the heap to what lives; V8 means it for a page in the background, which is what we are.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
