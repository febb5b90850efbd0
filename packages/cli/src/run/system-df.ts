// `ignite system df`.
import { displaySize } from '@ignite/api/sizes';
import type { CommandContext } from '../context.ts';
import { tableLines } from '../output/table.ts';

const NAMES: Readonly<Record<string, string>> = {
  images: 'Images',
  vms: 'VMs',
  volumes: 'Volumes',
  kernels: 'Kernels',
};

export async function run(context: CommandContext): Promise<number> {
  const { flags, out, signal } = context;
  const client = await context.client();
  const { items } = await client.diskUse({ signal });
  if (flags.string('format') === 'json') for (const item of items) out.data(JSON.stringify(item));
  else {
    const rows = items.map(({ kind, total, active, size, reclaimable }) => {
      const share = size > 0 ? ` (${Math.round((100 * reclaimable) / size)}%)` : '';
      const counts = [String(total), String(active)];
      return [NAMES[kind] ?? kind, ...counts, displaySize(size), `${displaySize(reclaimable)}${share}`];
    });
    for (const line of tableLines(['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE'], rows)) out.data(line);
  }
  return 0;
}
