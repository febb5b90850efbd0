// `ignite repair`. What could not be repaired makes it fail.
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';

export async function run({ operands, out, signal, ...context }: CommandContext): Promise<number> {
  const client = await context.client();
  const { items } = await client.repair({ vms: [...operands] }, { signal });
  for (const { name, uid, result, what } of items) {
    if (result === 'repaired') {
      out.data(uid);
      out.note(escapeText(`Repaired ${name}: ${what}`));
    } else out.warn(escapeText(`Could not repair ${name}: ${what}`));
  }
  if (items.length === 0) out.note('Nothing is broken');
  return items.some(({ result }) => result === 'failed') ? 1 : 0;
}
