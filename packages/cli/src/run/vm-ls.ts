// `ignite vm` and `ignite vm ls`: all VMs, as in the original (CLI-10, CLI-12).
import type { CommandContext } from '../context.ts';
import { listVms } from './ps.ts';

export async function run(context: CommandContext): Promise<number> {
  return await listVms(context, true);
}
