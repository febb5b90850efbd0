// `ignite create`.
import type { RequestBody } from '@ignite/api';
import { generateUid } from '@ignite/api/names';
import type { Client, VmDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { randomBytes } from '../lazy.ts';
import { escapeText } from '../output/escape.ts';
import { showProgress } from '../output/progress.ts';
import { createRequest } from '../request/create-request.ts';
import { inFlagWords } from '../request/in-flag-words.ts';
import { exposedPorts } from '../request/publish-all.ts';
import { fromLocalSource, localSource } from '../sources/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const { vm } = await createVm(context);
  context.out.data(vm.metadata.uid);
  return 0;
}

/** Makes the VM that was asked for, and says so as the original did. */
export async function createVm(context: CommandContext): Promise<{ client: Client; vm: VmDocument }> {
  const { out, flags, signal } = context;
  const typed = withUid(await withLocalImage(context, await createRequest(context)));
  const client = await context.client();
  const view = showProgress(out);
  try {
    const call = { signal, report: view.report };
    const body = flags.bool('publish-all') ? await exposedPorts(client, typed, call) : typed;
    const vm = await client.createVm(body, call);
    view.done();
    out.note(`Created VM with ID "${vm.metadata.uid}" and name "${escapeText(vm.metadata.name)}"`);
    return { client, vm };
  } catch (error) {
    if (signal.aborted) await takeBack(client, typed.metadata.uid);
    throw inFlagWords(error, context);
  } finally {
    view.done();
  }
}

type Body = RequestBody<'createVm'>;

/** An image of the local Docker or containerd is here, under its name, before the VM is made. */
async function withLocalImage(context: CommandContext, body: Body): Promise<Body> {
  const source = localSource(body.spec.image?.oci ?? '');
  if (source === undefined) return body;
  const image = await fromLocalSource(context, source, body.pull ?? 'missing');
  const { pull, ...rest } = body;
  return {
    ...rest,
    ...(pull === 'never' ? { pull } : {}), // not from a registry, where the name may be another's
    spec: { ...body.spec, image: { oci: image.metadata.name } },
  };
}

/** The UID is chosen here, so that a VM can be taken back whose making was interrupted before it was answered. */
function withUid(body: Body) {
  return { ...body, metadata: { ...body.metadata, uid: body.metadata?.uid || generateUid(randomBytes) } };
}

const TAKE_BACK_MS = 30_000;

/** Settles when nothing is left of a VM that may have been made meanwhile. */
async function takeBack(client: Client, uid: string): Promise<void> {
  const signal = AbortSignal.timeout(TAKE_BACK_MS);
  await client.removeVm(uid, { force: true }, { signal }).catch(() => {}); // mostly there is none
}
