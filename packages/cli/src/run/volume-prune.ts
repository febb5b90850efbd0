// `ignite volume prune`: what it removes is data, so nothing is removed unasked.
import { displaySize } from '@ignite/api/sizes';
import type { CommandContext } from '../context.ts';
import { canAsk, confirm } from '../terminal/ask.ts';
import { usage } from '../usage-error.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, out, signal } = context;
  const labels = Object.fromEntries(flags.list('filter').map(readLabel));
  if (!flags.bool('force') && !flags.bool('yes')) {
    if (!canAsk(context)) throw usage('Volumes hold data: without a terminal to ask on, -f is needed');
    if (!(await confirm(context, 'Remove all volumes that no VM uses, with what is in them?'))) return 1;
  }
  const client = await context.client();
  const pruned = await client.pruneVolumes({ labels }, { signal });
  for (const { name } of pruned.volumes) out.data(name);
  const count = pruned.volumes.length === 1 ? '1 volume' : `${pruned.volumes.length} volumes`;
  out.note(`Removed ${count}; ${displaySize(pruned.freed)} are free again`);
  return 0;
}

function readLabel(word: string): [string, string] {
  const [, name, value = ''] = /^label=([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === undefined) throw usage(`The filter "${word}" is none: write label=NAME[=VALUE]`);
  return [name, value];
}
