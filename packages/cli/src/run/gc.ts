// `ignite gc`. What could not be removed makes it fail.
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, out, signal } = context;
  const dryRun = flags.bool('dry-run');
  const client = await context.client();
  const { items } = await client.gc({ dryRun }, { signal });
  for (const item of items) {
    const { kind, name, why, result, problem } = item;
    if (flags.string('format') === 'json') out.data(JSON.stringify(item));
    else out.data(escapeText(`${result} ${kind} ${name}: ${problem ?? why}`));
  }
  if (items.length === 0) out.note('There is nothing to remove');
  return items.some(({ result }) => result === 'failed') ? 1 : 0;
}
