// The source that a command means: the one named, or the only one there is.
import { IgniteError } from '@ignite/api/errors';
import type { Client } from '@ignite/client';
import type { CommandContext } from '../../context.ts';

/** Its whole name. @throws IgniteError `source/not-found` where none or several fit */
export async function oneSource({ operands, signal }: CommandContext, client: Client): Promise<string> {
  const word = operands[0] ?? '';
  const names = (await client.listSources({ signal })).items.map(({ name }) => name);
  const fitting = names.includes(word) ? [word] : names.filter((name) => name.includes(word));
  const [found] = fitting;
  if (found !== undefined && fitting.length === 1) return found;
  const many = fitting.length > 1 ? `Several sources fit: ${fitting.join(', ')}` : undefined;
  throw new IgniteError(
    'source/not-found',
    many ?? (word === '' ? 'No source is followed' : `No source is called "${word}"`),
  );
}
