// `ignite gitops sync`: a look now.
import type { CommandContext } from '../context.ts';
import { oneSource } from './shared/one-source.ts';
import { printSources } from './gitops-status.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  const name = await oneSource(context, client);
  return await printSources(context, [await client.syncSource(name, {}, { signal: context.signal })]);
}
