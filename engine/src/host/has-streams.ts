// A fact about `spawn` that Node's types do not have: if no descriptor is left for its pipes, a child has no streams at all, and its
// `error` event in the next turn ends this process unless somebody listens.
import type { ChildProcess } from 'node:child_process';

/** False after EMFILE and ENFILE: then nothing but its event `error` may be used. */
export function hasStreams({ stdio }: Pick<ChildProcess, 'stdio'>): boolean {
  return Array.isArray(stdio);
}
