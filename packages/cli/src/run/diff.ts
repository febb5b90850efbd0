// `ignite diff`: what apply would change, field by field, and when it would take effect.
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { askApply, printItems } from './apply.ts';
import { type Item, itemFailure } from './shared/item-failure.ts';

const REFUSED = 2;

export async function run(context: CommandContext): Promise<number> {
  const { flags, out } = context;
  const items = await askApply(context, true);
  const form = flags.string('output');
  if (form !== undefined) await printItems(context, items, form);
  else for (const line of items.flatMap(diffLines)) out.data(line);
  for (const item of items) if (item.error !== undefined) await itemFailure(out, item);
  if (items.some((item) => item.error !== undefined)) return REFUSED;
  return items.some((item) => item.action !== 'keep') ? 1 : 0;
}

/** Nothing for what is as it should be. */
function diffLines(item: Item): readonly string[] {
  if (item.action === 'keep' && item.drift === undefined) return [];
  const drift = item.drift === undefined ? '' : ` (${escapeText(item.drift)})`;
  const place = item.origin === undefined ? '' : `  ${escapeText(item.origin.file)}:${item.origin.line}`;
  return [
    `${escapeText(item.name)}: ${item.action}${drift}${place}`,
    ...item.changes.map(
      ({ path, from, to, when }) =>
        `  ${path}: ${escapeText(from ?? '(unset)')} -> ${escapeText(to ?? '(unset)')}  [${when}]`,
    ),
  ];
}
