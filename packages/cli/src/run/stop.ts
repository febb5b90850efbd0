// `ignite stop`. A stopped VM is no error (CLI rule 11). Several are stopped side by side: each has its own grace.
import type { Client } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { progressFor } from '../output/progress.ts';
import { signalName } from '../terminal/signals.ts';
import { AT_ONCE, forEach } from './shared/each.ts';
import { killOne } from './kill.ts';
import { isRunning, vmSentence } from './shared/vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  const force = context.flags.bool('force-kill');
  const signal = context.flags.string('signal');
  if (signal !== undefined) signalName(signal);
  const one = (word: string) =>
    force ? killOne(context, client, word, undefined) : stopOne(context, client, word);
  return await forEach(context, context.operands, one, AT_ONCE);
}

/** Stops one VM and gives its UID. */
export async function stopOne(context: CommandContext, client: Client, word: string): Promise<string> {
  const { flags, out, signal } = context;
  const before = await client.inspectVm(word, { signal });
  const { uid } = before.metadata;
  if (!isRunning(before)) {
    out.note(vmSentence('Not running:', before));
    return uid;
  }
  const seconds = flags.int('time');
  const name = flags.string('signal');
  const body = {
    ...(seconds === undefined ? {} : { timeoutSeconds: seconds }),
    ...(name === undefined ? {} : { signal: signalName(name) }),
  };
  const view = progressFor(context);
  try {
    const vm = await client.stopVm(uid, body, { signal, report: view.report });
    view.done();
    out.note(vmSentence('Stopped', vm));
    return uid;
  } finally {
    view.done();
  }
}
