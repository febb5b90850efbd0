// `ignite volume create`. Volumes are known by name, as in Docker.
import { escapeText } from '../output/escape.ts';
import { optional } from '../request/optional.ts';
import { readLabels } from '../request/labels.ts';
import type { CommandContext } from '../context.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, operands, out, signal } = context;
  const labels = await readLabels([], flags.list('label'), host.cwd);
  const client = await context.client();
  const volume = await client.createVolume(
    {
      ...optional('name', operands[0]),
      ...optional('size', flags.string('size')),
      ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    },
    { signal },
  );
  out.note(`Volume "${escapeText(volume.metadata.name)}" has ${volume.spec.size}`);
  out.data(volume.metadata.name);
  return 0;
}
