// Removing what VMs were made from, an image or a kernel, with -f: those VMs go with it. Each is named, and on a terminal they
// are asked about first.
import { isIgniteError } from '@ignite/api/errors';
import type { Client, VmDocument } from '@ignite/client';
import type { CommandContext } from '../../context.ts';
import { canAsk, confirm } from '../../terminal/ask.ts';
import { vmSentence } from './vm-names.ts';

/** Removes the VMs that `uses` returns. @returns false where the user wants to keep them */
export async function removeUsers(
  context: CommandContext,
  client: Client,
  name: string,
  uses: (bound: NonNullable<VmDocument['bound']>) => boolean,
): Promise<boolean> {
  const { flags, signal } = context;
  const users = (await client.listVms({ all: true }, { signal })).filter(
    ({ bound }) => bound !== undefined && uses(bound),
  );
  if (users.length > 0 && !flags.bool('yes') && canAsk(context)) {
    const names = users.map((vm) => vm.metadata.name).join(', ');
    if (!(await confirm(context, `Remove ${name} and the VMs that use it (${names})?`))) return false;
  }
  for (const vm of users) await removeVm(context, client, vm);
  return true;
}

async function removeVm({ out, signal }: CommandContext, client: Client, vm: VmDocument): Promise<void> {
  try {
    out.note(vmSentence('Removed', await client.removeVm(vm.metadata.uid, { force: true }, { signal })));
  } catch (error) {
    if (!isIgniteError(error) || error.entry.status !== 404) throw error; // it is gone already
  }
}
