// `ignite rmk`: references are exact (CLI rule 10). With -f the VMs in use go with the kernel.
import type { Client } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { forEach } from './shared/each.ts';
import { removeUsers } from './shared/remove-users.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  return await forEach(context, context.operands, (word) => removeOne(context, client, word));
}

async function removeOne(context: CommandContext, client: Client, word: string): Promise<string | undefined> {
  const { flags, signal } = context;
  const force = flags.bool('force');
  if (force) {
    const { name, uid } = (await client.inspectKernel(word, { signal })).metadata;
    if (!(await removeUsers(context, client, name, (bound) => bound.kernelUid === uid))) return undefined;
  }
  return (await client.removeKernel(word, { force }, { signal })).metadata.uid;
}
