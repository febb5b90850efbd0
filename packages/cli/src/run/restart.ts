// `ignite restart`: stop, then start.
import type { CommandContext } from '../context.ts';
import { startDetached } from '../attach/start-vm.ts';
import { forEach } from './each.ts';
import { stopOne } from './stop.ts';
import { vmSentence } from './vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  return await forEach(context, context.operands, async (word) => {
    const uid = await stopOne(context, client, word);
    const vm = await startDetached(context, client, await client.inspectVm(uid), 'agent');
    context.out.note(vmSentence('Started', vm));
    return uid;
  });
}
