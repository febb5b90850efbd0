// `ignite protect`: guards VMs against removal.
import type { CommandContext } from '../context.ts';
import { forEach } from './shared/each.ts';
import { vmSentence } from './shared/vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const { operands, out, signal } = context;
  const client = await context.client();
  return await forEach(context, operands, async (word) => {
    const vm = await client.protectVm(word, { protected: true }, { signal });
    out.note(vmSentence('Protected', vm));
    return vm.metadata.uid;
  });
}
