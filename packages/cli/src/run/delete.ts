// `ignite delete -f`: removes the VMs that manifests name. What is removed is the stored object the manifest resolves
// to, never what the file says of it (BUG-02).
import type { Client, VmDocument } from '@ignite/client';
import { IgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { bySelector, manifestTexts, parseTexts } from '../request/manifests.ts';
import { forEach, isNotFound } from './shared/each.ts';
import { findExact } from './shared/find-exact.ts';
import { vmSentence } from './shared/vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const manifests = bySelector(context, await parseTexts(await manifestTexts(context)));
  const client = await context.client();
  const words = manifests.map(({ metadata, origin }) => {
    const word = metadata.uid || metadata.name;
    if (word === undefined || word === '')
      throw new IgniteError(
        'declare/nameless',
        `${origin.file} line ${origin.line} names no VM: it has neither a UID nor a name`,
      );
    return word;
  });
  return await forEach(context, words, (word) => removeOne(context, client, word));
}

async function removeOne(context: CommandContext, client: Client, word: string): Promise<string | undefined> {
  const { flags, out, signal } = context;
  const found = await find(client, word, signal);
  if (found === undefined) {
    out.note(`There is no VM "${word}"`);
    return undefined;
  }
  if (flags.bool('dry-run')) {
    out.note(vmSentence('Would remove', found));
    return found.metadata.uid;
  }
  const vm = await client.removeVm(found.metadata.uid, { force: true }, { signal });
  out.note(vmSentence('Removed', vm));
  return vm.metadata.uid;
}

async function find(client: Client, word: string, signal: AbortSignal): Promise<VmDocument | undefined> {
  try {
    const vm = await findExact(client, word, signal);
    return vm.metadata.uid === word || vm.metadata.name === word ? vm : undefined; // a file's UID is no prefix
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
