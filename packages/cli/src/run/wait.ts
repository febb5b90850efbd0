// `ignite wait`: exit codes, one a line.
import type { CommandContext } from '../context.ts';
import { forEach } from './shared/each.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  const condition = context.flags.string('condition') === 'removed' ? 'removed' : 'stopped';
  return await forEach(context, context.operands, async (word) => {
    const result = await client.waitVm(word, { condition }, { signal: context.signal });
    return String(result.exitSignal === undefined ? result.exitCode : 128 + result.exitSignal);
  });
}
