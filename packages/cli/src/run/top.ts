// `ignite top`: the processes of a guest.
import { displaySize } from '@ignite/api/sizes';
import type { CommandContext } from '../context.ts';
import { tableLines } from '../output/table.ts';

const COLUMNS = ['UID', 'PID', 'PPID', 'STAT', 'RSS', 'TIME', 'CMD'] as const;

export async function run({ operands, flags, out, signal, ...context }: CommandContext): Promise<number> {
  const client = await context.client();
  const { items, complete } = await client.topVm(operands[0] ?? '', { signal });
  if (flags.string('format') === 'json') for (const item of items) out.data(JSON.stringify(item));
  else {
    const rows = items.map(({ user, pid, parent, state, memory, cpu, command }) => [
      String(user),
      String(pid),
      String(parent),
      state,
      displaySize(memory),
      clock(cpu),
      command,
    ]);
    for (const line of tableLines(COLUMNS, rows)) out.data(line);
  }
  if (!complete) out.warn('There are more processes than can be shown.');
  return 0;
}

/** Processor time as ps(1) shows it: `00:01:05`. */
function clock(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1_000_000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
