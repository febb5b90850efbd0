// `ignite apply`: one line on stdout for each object and what was done with it; failures on stderr.
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { showProgress } from '../output/progress.ts';
import { declaredVms } from '../request/manifests.ts';
import { pullOptions } from '../request/pull-options.ts';
import { usage } from '../usage-error.ts';
import { type Item, itemFailure } from './shared/item-failure.ts';

const WORDS: Readonly<Record<Item['action'], string>> = {
  create: 'created',
  update: 'changed',
  restart: 'restarted',
  recreate: 'recreated',
  start: 'started',
  stop: 'stopped',
  remove: 'removed',
  keep: 'unchanged',
  refuse: 'refused',
};

export async function run(context: CommandContext): Promise<number> {
  const { flags, out } = context;
  const items = await askApply(context, flags.bool('dry-run'));
  const form = flags.string('output');
  if (form !== undefined) await printItems(context, items, form);
  else for (const item of items) printLine(context, item);
  for (const item of items) if (item.error !== undefined) await itemFailure(out, item);
  return items.some((item) => item.error !== undefined) ? 1 : 0;
}

/** Sends what the flags name. */
export async function askApply(context: CommandContext, dryRun: boolean): Promise<readonly Item[]> {
  const { flags, host, out, signal } = context;
  const objects = await declaredVms(context, dryRun);
  const references = objects.flatMap(({ spec }) => [spec.image?.oci ?? '', spec.kernel?.oci ?? '']);
  const client = await context.client();
  const view = showProgress(out);
  try {
    const body = {
      objects: [...objects],
      ...pruneOf(context),
      ...(dryRun ? { dryRun } : {}),
      ...(flags.bool('allow-recreate') ? { allowRecreate: true } : {}),
      ...(flags.bool('take-over') ? { takeOver: true } : {}),
      ...(await pullOptions(
        host,
        flags,
        [...new Set(references)].filter((one) => one !== ''),
      )),
    };
    return (await client.apply(body, { signal, report: view.report })).items;
  } finally {
    view.done();
  }
}

/** The words of `--prune`: never without saying which. */
function pruneOf({ flags }: CommandContext): { prune?: string } {
  if (!flags.bool('prune')) return {};
  const selector = flags.string('selector');
  if (selector !== undefined) return { prune: selector };
  if (flags.bool('all')) return { prune: '!ignite.vm/never' };
  throw usage('--prune needs -l SELECTOR, or --all for every VM that was applied');
}

/** All of it, as data. */
export async function printItems(
  { out }: CommandContext,
  items: readonly Item[],
  form: string,
): Promise<void> {
  if (form === 'yaml') out.data((await import('yaml')).stringify(items).trimEnd());
  else out.data(JSON.stringify(items, undefined, 2));
}

function printLine({ flags, out }: CommandContext, item: Item): void {
  if (item.error !== undefined && item.action !== 'refuse') return;
  if (flags.bool('quiet')) {
    if (item.uid !== undefined && item.action !== 'refuse') out.data(item.uid);
    return;
  }
  const drift = item.drift === undefined ? '' : ` (${escapeText(item.drift)})`;
  const dry = flags.bool('dry-run') ? ' (dry run)' : '';
  out.data(`${escapeText(item.name)} ${WORDS[item.action]}${drift}${dry}`);
}
