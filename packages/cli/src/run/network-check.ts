// `ignite network check`.
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { tableLines } from '../output/table.ts';

export async function run({ flags, operands, out, signal, client }: CommandContext): Promise<number> {
  const target = flags.string('target');
  const body = target === undefined ? {} : { target };
  const checked = await (await client()).checkNetwork(operands[0] ?? '', body, { signal });
  const form = flags.string('output') ?? flags.string('format');
  if (form === 'json') out.data(JSON.stringify(checked, undefined, 2));
  else if (form === 'yaml') out.data((await import('yaml')).stringify(checked).trimEnd());
  else {
    const rows = checked.interfaces.flatMap(({ address, hops }) =>
      hops.map(({ hop, ok, found }) => [address, hop, ok ? 'ok' : 'BROKEN', escapeText(found)]),
    );
    for (const line of tableLines(['INTERFACE', 'HOP', 'STATE', 'FOUND'], rows)) out.data(line);
    const first = checked.interfaces.flatMap(({ hops }) => hops).find(({ ok }) => !ok);
    if (first?.hint !== undefined) out.warn(`Broken at ${first.hop}. ${escapeText(first.hint)}`);
  }
  return checked.ok ? 0 : 1;
}
