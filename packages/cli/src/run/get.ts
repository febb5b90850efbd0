// `ignite get`: objects of a kind, as a table, as whole objects, or as manifests.
import type { Client, VmDocument } from '@ignite/client';
import type { Vm } from '@ignite/api';
import type { CommandContext } from '../context.ts';
import { bySelector } from '../request/manifests.ts';
import { usage } from '../usage-error.ts';
import { versionOf } from '../views/api-version.ts';
import { printDocuments } from '../views/documents.ts';
import { inspectMany } from './inspect.ts';

const KINDS: Readonly<Record<string, 'vm' | 'image' | 'kernel'>> = {
  vm: 'vm',
  vms: 'vm',
  image: 'image',
  images: 'image',
  kernel: 'kernel',
  kernels: 'kernel',
};

export async function run(context: CommandContext): Promise<number> {
  const [first = '', ...rest] = context.operands;
  const kind = KINDS[first.toLowerCase()];
  const words = kind === undefined ? context.operands : rest;
  return kind === 'image' || kind === 'kernel'
    ? await getOthers(context, kind, words)
    : await getVms(context, words);
}

async function getOthers(
  context: CommandContext,
  kind: 'image' | 'kernel',
  words: readonly string[],
): Promise<number> {
  if (words.length > 0) return await inspectMany(context, words, kind);
  const { flags, out, signal } = context;
  const client = await context.client();
  const items = kind === 'image' ? await client.listImages({ signal }) : await client.listKernels({ signal });
  const form = flags.string('output') ?? 'name';
  if (form === 'name') for (const { metadata } of items) out.data(metadata.name);
  else await printDocuments(out, items, form);
  return 0;
}

async function getVms(context: CommandContext, words: readonly string[]): Promise<number> {
  const { flags, out } = context;
  const client = await context.client();
  const vms = bySelector(context, await find(context, client, words));
  const form =
    flags.string('output') ?? (flags.bool('manifest') || flags.has('api-version') ? 'yaml' : undefined);
  if (form === undefined) await printTable(context, vms);
  else if (form === 'name') for (const { metadata } of vms) out.data(metadata.name);
  else await printDocuments(out, await documentsOf(context, vms), form);
  return 0;
}

async function find(
  { signal }: CommandContext,
  client: Client,
  words: readonly string[],
): Promise<readonly VmDocument[]> {
  if (words.some((word) => word === '')) throw usage('An empty word names nothing');
  if (words.length === 0) {
    const all = await client.listVms({ all: true }, { signal });
    return [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }
  return await Promise.all(words.map((word) => client.inspectVm(word, { signal })));
}

async function printTable(context: CommandContext, vms: readonly VmDocument[]): Promise<void> {
  await (await import('../views/index.ts')).printVms(context, vms);
}

/** In the version asked for; as manifests without what the engine chose and saw. */
async function documentsOf({ flags }: CommandContext, vms: readonly VmDocument[]) {
  const version = versionOf(flags.string('api-version'));
  const [{ printManifest, toVersion }, { decodeVm }] = await Promise.all([
    import('@ignite/api/versions'),
    import('@ignite/api'),
  ]);
  return vms.map((document): Readonly<Record<string, unknown>> => {
    if (!flags.bool('manifest'))
      return version === 'v1beta1' ? document : toVersion(decodeVm(document), version);
    const { metadata, spec }: Vm = decodeVm(document);
    const { created: _, ...kept } = metadata;
    return printManifest({ metadata: kept, spec, legacy: false }, version).document;
  });
}
