// `ignite push`.
import type { CommandContext } from '../context.ts';
import { pullOptions } from '../request/pull-options.ts';
import { longOperation } from './shared/long-operation.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, operands, out } = context;
  const [reference = '', target] = operands;
  const options = await pullOptions(host, flags, [target ?? reference]);
  const pushed = await longOperation(context, (client, call) =>
    client.pushImage({ reference, ...(target === undefined ? {} : { target }), ...options }, call),
  );
  out.data(`${pushed.reference.replace(/@.*$/, '')}@${pushed.digest}`);
  return 0;
}
