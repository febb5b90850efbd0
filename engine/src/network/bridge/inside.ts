// Running a program in the network's namespace, and feeding scripts to it.
import type { RunOptions, RunResult } from '../../host/index.ts';
import type { NetworkParts } from './options.ts';

/** Runs `argv` in the network's namespace; fails where there is none. */
export function runInside(
  parts: Pick<NetworkParts, 'commands' | 'names'>,
  argv: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<RunResult> {
  return parts.commands.run(argv, { ...options, netns: parts.names.netnsPath });
}

/** Lines → the text of a script. */
export function scriptOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
