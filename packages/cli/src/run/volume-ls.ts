// `ignite volume ls`.
import type { VolumeDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';
import { dockerVolume, printList, VOLUME_COLUMNS, volumeRow } from '../views/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, signal } = context;
  const filters = flags.list('filter').map(readFilter);
  const client = await context.client();
  const now = host.now();
  const volumes = await client.listVolumes({ signal });
  await printList(context, {
    items: volumes.filter((volume) => filters.every((fits) => fits(volume))),
    uid: (volume) => volume.metadata.name,
    columns: VOLUME_COLUMNS,
    row: (volume) => volumeRow(volume, now),
    docker: (volume) => dockerVolume(volume, now),
  });
  return 0;
}

type Filter = (volume: VolumeDocument) => boolean;

/** @throws IgniteError `cli/usage` */
function readFilter(word: string): Filter {
  const [, key, value = ''] = /^(name|label|dangling)=(.+)$/.exec(word) ?? [];
  switch (key) {
    case 'name':
      return ({ metadata }) => metadata.name.includes(value);
    case 'dangling':
      return ({ status }) => (status.usedBy.length === 0) === (value === 'true' || value === '1');
    case 'label': {
      const [name = '', wanted] = value.split(/=(.*)/s);
      return ({ metadata: { labels = {} } }) =>
        Object.hasOwn(labels, name) && (wanted === undefined || labels[name] === wanted);
    }
    default:
      throw usage(`The filter "${word}" is none: write name=TEXT, label=NAME[=VALUE] or dangling=true|false`);
  }
}
