// `ignite volume rm`: names are exact (CLI rule 10).
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { forEach, isNotFound } from './shared/each.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands, out, signal } = context;
  const client = await context.client();
  return await forEach(context, operands, async (word) => {
    try {
      return (await client.removeVolume(word, { signal })).metadata.name;
    } catch (error) {
      if (!flags.bool('force') || !isNotFound(error)) throw error;
      out.note(`There is no volume "${escapeText(word)}"`);
      return undefined;
    }
  });
}
