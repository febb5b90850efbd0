// Several lines of ip(8) with one start of the program.
import type { Commands } from '../host/index.ts';
import type { NetworkNames } from './names.ts';

/** Runs the lines in one process, in the network namespace `inside` if one is given. */
export async function ipBatch(
  commands: Commands,
  lines: readonly string[],
  inside?: Pick<NetworkNames, 'netns'>,
  signal?: AbortSignal,
): Promise<void> {
  if (lines.length === 0) return;
  const where = inside === undefined ? [] : ['-n', inside.netns];
  await commands.run(['ip', ...where, '-batch', '-'], {
    input: `${lines.join('\n')}\n`,
    ...(signal === undefined ? {} : { signal }),
  });
}
