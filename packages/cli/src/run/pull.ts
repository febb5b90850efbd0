// `ignite pull`: prints the reference, as Docker does.
import type { CommandContext } from '../context.ts';
import { pullOptions } from '../request/pull-options.ts';
import { fromLocalSource, localSource } from '../sources/index.ts';
import { longOperation } from './shared/long-operation.ts';

export async function run(context: CommandContext): Promise<number> {
  const reference = context.operands[0] ?? '';
  const source = localSource(reference);
  if (source !== undefined) {
    context.out.data((await fromLocalSource(context, source, 'always')).metadata.name);
    return 0;
  }
  const options = await pullOptions(context.host, context.flags, [reference]);
  const image = await longOperation(context, (client, call) =>
    client.pullImage({ reference, pull: 'always', ...options }, call),
  );
  context.out.data(image.metadata.name);
  return 0;
}
