// `ignite restart`: stop, then start. Several are restarted side by side; the daemon says how many boot at once.
import type { CommandContext } from '../context.ts';
import { startDetached } from '../attach/start-vm.ts';
import { AT_ONCE, forEach, inOrder } from './shared/each.ts';
import { stopOne } from './stop.ts';
import { signalName } from '../terminal/signals.ts';
import { vmSentence } from './shared/vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const signalWord = context.flags.string('signal');
  if (signalWord !== undefined) signalName(signalWord);
  const client = await context.client();
  const { signal } = context;
  const turn = inOrder();
  const again = async (uid: string) => {
    await stopOne(context, client, uid);
    const vm = await startDetached(context, client, await client.inspectVm(uid, { signal }), 'agent');
    context.out.note(vmSentence('Started', vm));
    return uid;
  };
  const one = async (word: string) => {
    const { uid } = (await client.inspectVm(word, { signal })).metadata;
    return await turn(uid, () => again(uid));
  };
  return await forEach(context, context.operands, one, AT_ONCE);
}
