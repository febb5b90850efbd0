// `ignite system stop`: ends the daemon; VMs keep running. None running is no error.
import type { CommandContext } from '../context.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.runningClient();
  if (client === undefined) context.out.note('No daemon runs');
  else await client.shutdown({ signal: context.signal });
  return 0;
}
