// `ignite resume`: lets held VMs follow their manifest again.
import type { CommandContext } from '../context.ts';
import { forEach } from './shared/each.ts';
import { vmSentence } from './shared/vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const { operands, out, signal } = context;
  const client = await context.client();
  return await forEach(context, operands, async (word) => {
    const vm = await client.resumeVm(word, {}, { signal });
    out.note(vmSentence('Resumed', vm));
    return vm.metadata.uid;
  });
}
