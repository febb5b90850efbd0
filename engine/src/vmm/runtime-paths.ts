// Files of the host that a jailed VMM may read while it runs, as far as this host has them.
import { realpath } from 'node:fs/promises';
import type { RuntimePath } from './port.ts';

/** The targets that exist, each with the path that its links lead to. */
export async function runtimePaths(targets: readonly string[]): Promise<readonly RuntimePath[]> {
  const found = await Promise.all(targets.map(resolveTarget));
  return found.filter((path) => path !== undefined);
}

async function resolveTarget(target: string): Promise<RuntimePath | undefined> {
  try {
    return { source: await realpath(target), target };
  } catch {
    return undefined; // distributions differ in what they have
  }
}
