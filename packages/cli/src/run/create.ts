// `ignite create`.
import type { Client, VmDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { showProgress } from '../output/progress.ts';
import { createRequest } from '../request/create-request.ts';
import { exposedPorts } from '../request/publish-all.ts';

export async function run(context: CommandContext): Promise<number> {
  const { vm } = await createVm(context);
  context.out.data(vm.metadata.uid);
  return 0;
}

/** Makes the VM that was asked for, and says so as the original did. */
export async function createVm(context: CommandContext): Promise<{ client: Client; vm: VmDocument }> {
  const { out, flags, signal } = context;
  const typed = await createRequest(context);
  const client = await context.client();
  const view = showProgress(out);
  try {
    const call = { signal, report: view.report };
    const body = flags.bool('publish-all') ? await exposedPorts(client, typed, call) : typed;
    const vm = await client.createVm(body, call);
    view.done();
    out.note(`Created VM with ID "${vm.metadata.uid}" and name "${escapeText(vm.metadata.name)}"`);
    return { client, vm };
  } finally {
    view.done();
  }
}
