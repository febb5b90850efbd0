// `ignite rm`. A running VM needs -f; with -f a VM that is not there is no error (CLI rule 11).
import type { Client } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { readManifest } from '../request/manifest.ts';
import { usage } from '../usage-error.ts';
import { forEach, inOrder, isNotFound } from './shared/each.ts';
import { findExact } from './shared/find-exact.ts';
import { vmSentence } from './shared/vm-names.ts';

/** A removal waits for the disk and for the VM's end more than for the daemon. */
const AT_ONCE = 8;

export async function run(context: CommandContext): Promise<number> {
  const words = await wordsOf(context);
  if (words.length === 0 && context.flags.bool('force')) return 0; // rm -f $(ignite ps -aq) with no VM
  if (words.length === 0) throw usage('ignite rm needs VM...');
  const client = await context.client();
  const turn = inOrder();
  return await forEach(context, words, (word) => removeOne(context, client, word, turn), AT_ONCE);
}

async function wordsOf({ flags, host, operands }: CommandContext): Promise<readonly string[]> {
  const config = flags.string('config');
  if (config === undefined) return operands;
  if (operands.length > 0) throw usage('A VM is named by --config or as an operand, not by both');
  const { metadata } = await readManifest(config, host.cwd);
  const word = metadata?.uid ?? metadata?.name;
  if (word === undefined) throw usage(`${config} has neither a UID nor a name`);
  return [word];
}

/** @param turn of removals by UID: a VM that is named twice is gone at the second, which cancels nothing */
async function removeOne(
  context: CommandContext,
  client: Client,
  word: string,
  turn: ReturnType<typeof inOrder>,
): Promise<string | undefined> {
  const { flags, out, signal } = context;
  const force = flags.bool('force');
  try {
    const { uid } = (await findExact(client, word, signal)).metadata;
    const vm = await turn(uid, () => client.removeVm(uid, { force }, { signal }));
    out.note(vmSentence('Removed', vm));
    return vm.metadata.uid;
  } catch (error) {
    if (!force || !isNotFound(error)) throw error;
    out.note(`There is no VM "${word}"`);
    return undefined;
  }
}
