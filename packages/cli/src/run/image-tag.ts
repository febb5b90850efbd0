// `ignite tag`.
import type { CommandContext } from '../context.ts';

export async function run(context: CommandContext): Promise<number> {
  const [source = '', target = ''] = context.operands;
  await (await context.client()).tagImage({ source, target }, { signal: context.signal });
  return 0;
}
