// `ignite kill`: ends a VM, or signals its command. No name prefix is taken (CLI rule 10), a stopped VM is no error (11).
import type { Client } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { signalName } from '../terminal/signals.ts';
import { AT_ONCE, forEach } from './shared/each.ts';
import { findExact } from './shared/find-exact.ts';
import { isRunning, vmSentence } from './shared/vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const word = context.flags.string('signal');
  const signal = word === undefined ? undefined : signalName(word);
  const client = await context.client();
  const one = (name: string) => killOne(context, client, name, signal);
  return await forEach(context, context.operands, one, AT_ONCE);
}

/** Kills one VM and gives its UID. */
export async function killOne(
  context: CommandContext,
  client: Client,
  word: string,
  signal: string | undefined,
): Promise<string> {
  const before = await findExact(client, word, context.signal);
  const { uid } = before.metadata;
  if (!isRunning(before)) {
    context.out.note(vmSentence('Not running:', before));
    return uid;
  }
  const vm = await client.killVm(uid, signal === undefined ? {} : { signal }, { signal: context.signal });
  context.out.note(vmSentence(signal === undefined ? 'Killed' : `Sent ${signal} to`, vm));
  return uid;
}
