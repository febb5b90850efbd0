// `ignite gitops approve`: what waits for a person may be removed, or made anew.
import type { CommandContext } from '../context.ts';
import { oneSource } from './shared/one-source.ts';
import { printSources } from './gitops-status.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  const name = await oneSource(context, client);
  await client.approveSource(name, {}, { signal: context.signal });
  const source = await client.syncSource(name, {}, { signal: context.signal });
  return await printSources(context, [source]);
}
