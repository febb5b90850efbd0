// `ignite unpause`. A VM that runs is no error (CLI rule 11).
import type { CommandContext } from '../context.ts';
import { forEach } from './shared/each.ts';
import { vmSentence } from './shared/vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const { out, signal } = context;
  const client = await context.client();
  return await forEach(context, context.operands, async (word) => {
    const vm = await client.unpauseVm(word, { signal });
    out.note(vmSentence('Unpaused', vm));
    return vm.metadata.uid;
  });
}
