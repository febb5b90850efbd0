// `ignite network inspect`.
import type { CommandContext } from '../context.ts';
import { inspectMany } from './inspect.ts';

export async function run(context: CommandContext): Promise<number> {
  return await inspectMany(context, context.operands, 'network');
}
