// `ignite images`.
import type { ImageDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import {
  danglingKey,
  dockerImage,
  type FilterKey,
  IMAGE_COLUMNS,
  imageRow,
  labelKey,
  printList,
  readListFilters,
  referenceKey,
} from '../views/index.ts';

const FILTERS: Readonly<Record<string, FilterKey<ImageDocument>>> = {
  reference: referenceKey(),
  label: labelKey(({ status }) => status.config.labels),
  dangling: danglingKey(() => false), // the daemon lists named images only
};

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, operands, signal } = context;
  const keep = readListFilters(flags.list('filter'), FILTERS);
  const named = operands.map((word) => readListFilters([`reference=${word}`], FILTERS));
  const client = await context.client();
  const now = host.now();
  const digests = flags.bool('digests');
  await printList(context, {
    items: (await client.listImages({ signal })).filter(
      (image) => keep(image) && named.every((fits) => fits(image)),
    ),
    uid: (image) => image.metadata.uid,
    columns: digests ? [...IMAGE_COLUMNS, 'DIGEST'] : IMAGE_COLUMNS,
    row: (image) => (digests ? [...imageRow(image, now), image.status.digest] : imageRow(image, now)),
    docker: (image) => dockerImage(image, now),
  });
  return 0;
}
