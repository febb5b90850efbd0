// `ignite images`.
import type { ImageDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';
import { dockerImage, IMAGE_COLUMNS, imageRow, printList } from '../views/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, signal } = context;
  const keep = readFilters(flags.list('filter'));
  const client = await context.client();
  const now = host.now();
  const digests = flags.bool('digests');
  await printList(context, {
    items: (await client.listImages({ signal })).filter(keep),
    uid: (image) => image.metadata.uid,
    columns: digests ? [...IMAGE_COLUMNS, 'DIGEST'] : IMAGE_COLUMNS,
    row: (image) => (digests ? [...imageRow(image, now), image.status.digest] : imageRow(image, now)),
    docker: (image) => dockerImage(image, now),
  });
  return 0;
}

/** `reference=PATTERN` with `*` and `?`, over the name with and without its tag. */
function readFilters(words: readonly string[]): (image: ImageDocument) => boolean {
  const patterns = words.map((word) => {
    const value = /^reference=(.+)$/.exec(word)?.[1];
    if (value === undefined) throw usage(`The filter "${word}" is none: write reference=PATTERN`);
    const escaped = value
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${escaped}$`);
  });
  return ({ metadata: { name } }) =>
    patterns.length === 0 || patterns.some((one) => one.test(name) || one.test(name.replace(/:[^:/]*$/, '')));
}
