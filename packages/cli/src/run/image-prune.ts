// `ignite image prune`.
import { displaySize } from '@ignite/api/sizes';
import type { CommandContext } from '../context.ts';
import { canAsk, confirm } from '../terminal/ask.ts';
import { longOperation } from './shared/long-operation.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, out } = context;
  const all = flags.bool('all');
  const sure = flags.bool('force') || flags.bool('yes') || !canAsk(context);
  const what = all ? 'all images that no VM uses' : 'all images without a name that no VM uses';
  if (!sure && !(await confirm(context, `Remove ${what}?`))) return 1;
  const pruned = await longOperation(context, (client, call) => client.pruneImages({ all }, call));
  for (const { uid } of pruned.images) out.data(uid);
  const count = pruned.images.length === 1 ? '1 image' : `${pruned.images.length} images`;
  out.note(`Removed ${count}; ${displaySize(pruned.freed)} are free again`);
  return 0;
}
