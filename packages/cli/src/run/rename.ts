// `ignite rename`.
import type { CommandContext } from '../context.ts';
import { vmSentence } from './shared/vm-names.ts';

export async function run({ operands, out, signal, ...context }: CommandContext): Promise<number> {
  const [word = '', name = ''] = operands;
  const client = await context.client();
  const vm = await client.renameVm(word, { name }, { signal });
  out.note(vmSentence('Renamed', vm));
  return 0;
}
