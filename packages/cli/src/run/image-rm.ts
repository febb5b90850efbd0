// `ignite rmi`: references are exact (CLI rule 10). With -f the VMs in use go with the image.
import type { Client } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { forEach } from './shared/each.ts';
import { removeUsers } from './shared/remove-users.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  return await forEach(context, context.operands, (word) => removeOne(context, client, word));
}

async function removeOne(context: CommandContext, client: Client, word: string): Promise<string | undefined> {
  const { flags, out, signal } = context;
  const force = flags.bool('force');
  const image = await client.inspectImage(word, { signal });
  const { name, uid } = image.metadata;
  if (force && !(await removeUsers(context, client, name, (bound) => bound.imageUid === uid)))
    return undefined;
  await client.removeImage(uid, { force }, { signal });
  out.note(`Removed image ${name}`);
  return uid;
}
