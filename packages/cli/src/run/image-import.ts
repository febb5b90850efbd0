// `ignite image import`.
import type { CommandContext } from '../context.ts';
import { refuseOldWords } from '../request/create-request.ts';
import { pullOptions } from '../request/pull-options.ts';
import { fromLocalSource, localSource } from '../sources/index.ts';
import { created } from './created.ts';
import { longOperation } from './long-operation.ts';

export async function run(context: CommandContext): Promise<number> {
  refuseOldWords(context.flags);
  const reference = context.operands[0] ?? '';
  const source = localSource(reference);
  if (source !== undefined) {
    created(context.out, 'image', (await fromLocalSource(context, source, 'missing')).metadata);
    return 0;
  }
  const options = await pullOptions(context.host, context.flags, [reference]);
  const image = await longOperation(context, (client, call) =>
    client.pullImage({ reference, pull: 'missing', ...options }, call),
  );
  created(context.out, 'image', image.metadata);
  return 0;
}
