// `ignite rmi`: references are exact (CLI rule 10). With -f the VMs in use go with the image: each is named, and on a
// terminal they are asked about first.
import { isIgniteError } from '@ignite/api/errors';
import type { Client, VmDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { canAsk, confirm } from '../terminal/ask.ts';
import { forEach } from './each.ts';
import { vmSentence } from './vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  return await forEach(context, context.operands, (word) => removeOne(context, client, word));
}

async function removeOne(context: CommandContext, client: Client, word: string): Promise<string | undefined> {
  const { flags, out, signal } = context;
  const force = flags.bool('force');
  const image = await client.inspectImage(word, { signal });
  const { name, uid } = image.metadata;
  const users = force ? await usersOf(client, uid, signal) : [];
  if (users.length > 0 && !flags.bool('yes') && canAsk(context)) {
    const names = users.map((vm) => vm.metadata.name).join(', ');
    if (!(await confirm(context, `Remove ${name} and the VMs that use it (${names})?`))) return undefined;
  }
  for (const vm of users) await removeVm(context, client, vm);
  await client.removeImage(uid, { force }, { signal });
  out.note(`Removed image ${name}`);
  return uid;
}

async function usersOf(client: Client, uid: string, signal: AbortSignal): Promise<readonly VmDocument[]> {
  return (await client.listVms({ all: true }, { signal })).filter((vm) => vm.bound?.imageUid === uid);
}

async function removeVm({ out, signal }: CommandContext, client: Client, vm: VmDocument): Promise<void> {
  try {
    out.note(vmSentence('Removed', await client.removeVm(vm.metadata.uid, { force: true }, { signal })));
  } catch (error) {
    if (!isIgniteError(error) || error.entry.status !== 404) throw error; // one that is gone is as good
  }
}
