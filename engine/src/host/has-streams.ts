// What Node's types do not say of its `spawn`: a process that found no descriptor for its pipes has no stream at all, and its
// `error` comes in the next turn, where it ends this process if nobody listens.
import type { ChildProcess } from 'node:child_process';

/** False after EMFILE and ENFILE: then nothing but its event `error` may be used. */
export function hasStreams({ stdio }: Pick<ChildProcess, 'stdio'>): boolean {
  return Array.isArray(stdio);
}
