// `ignite rmk`: references are exact (CLI rule 10).
import type { CommandContext } from '../context.ts';
import { forEach } from './each.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  const force = context.flags.bool('force');
  return await forEach(
    context,
    context.operands,
    async (word) => (await client.removeKernel(word, { force }, { signal: context.signal })).metadata.uid,
  );
}
