// `ignite volume ls`.
import type { VolumeDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import {
  danglingKey,
  dockerVolume,
  type FilterKey,
  labelKey,
  nameKey,
  printList,
  readListFilters,
  VOLUME_COLUMNS,
  volumeRow,
} from '../views/index.ts';

const FILTERS: Readonly<Record<string, FilterKey<VolumeDocument>>> = {
  name: nameKey(),
  label: labelKey(({ metadata: { labels = {} } }) => labels),
  driver: { form: 'driver=local', holds: (_volume, value) => value === 'local' },
  dangling: danglingKey(({ status }) => status.usedBy.length === 0),
};

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, signal } = context;
  const keep = readListFilters(flags.list('filter'), FILTERS);
  const client = await context.client();
  const now = host.now();
  await printList(context, {
    items: (await client.listVolumes({ signal })).filter(keep),
    uid: (volume) => volume.metadata.name,
    columns: VOLUME_COLUMNS,
    row: (volume) => volumeRow(volume, now),
    docker: (volume) => dockerVolume(volume, now),
  });
  return 0;
}
