// `ignite ps` (CLI rules 13 and 14).
import type { VmDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';

export async function run(context: CommandContext): Promise<number> {
  return await listVms(context, context.flags.bool('all'));
}

/** Prints the VMs that the flags ask for; `all`: stopped ones, too. */
export async function listVms(context: CommandContext, all: boolean): Promise<number> {
  const { flags, out, signal } = context;
  const words = flags.list('filter');
  const last = flags.bool('latest') ? 1 : flags.int('last');
  const wide = all || last !== undefined || (words.length > 0 && (await stateAsked(words)));
  // Formats and filters are loaded while the daemon answers.
  const [client, views] = await Promise.all([context.client(), import('../views/index.ts')]);
  const keep = views.readFilters(words);
  const templates = flags.list('template').map((text) => views.compileTemplate(text));
  const vms = shown((await client.listVms({ all: wide }, { signal })).filter(keep), last);
  if (templates.length > 0) {
    for (const template of templates) for (const vm of vms) out.data(template(views.goVm(vm)));
    return 0;
  }
  await views.printVms(context, vms);
  return 0;
}

async function stateAsked(words: readonly string[]): Promise<boolean> {
  return (await import('../views/index.ts')).asksForState(words);
}

/** Ordered by UID as in the original; of `--last` and `--latest` the newest. */
function shown(vms: readonly VmDocument[], last: number | undefined): readonly VmDocument[] {
  // Dates of one form order as text does; localeCompare would load ICU's tables, 9 ms.
  const newest = () => [...vms].sort((a, b) => (b.metadata.created < a.metadata.created ? -1 : 1));
  const kept = last === undefined ? vms : newest().slice(0, last);
  return [...kept].sort((a, b) => (a.metadata.uid < b.metadata.uid ? -1 : 1));
}
