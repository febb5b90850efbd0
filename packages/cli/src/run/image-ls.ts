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

type Filter = (image: ImageDocument) => boolean;

/** Different keys must all hold; of several patterns of a name, one. @throws IgniteError `cli/usage` */
function readFilters(words: readonly string[]): Filter {
  const pairs = words.map((word) => {
    const [, key, value = ''] = /^(reference|label)=(.+)$/.exec(word) ?? [];
    if (key === undefined)
      throw usage(`The filter "${word}" is none: write reference=PATTERN or label=NAME[=VALUE]`);
    return { key, value };
  });
  const of = (key: string) => pairs.filter((pair) => pair.key === key).map((pair) => pair.value);
  const filters = [byReference(of('reference')), ...of('label').map(byLabel)];
  return (image) => filters.every((filter) => filter(image));
}

function byLabel(word: string): Filter {
  const [name = '', wanted] = word.split(/=(.*)/s);
  return ({ status }) => {
    const own = status.config.labels[name];
    return own !== undefined && (wanted === undefined || own === wanted);
  };
}

/** Patterns with `*` and `?`, over the name with and without its tag. */
function byReference(values: readonly string[]): Filter {
  const patterns = values.map((value) => {
    const escaped = value
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${escaped}$`);
  });
  return ({ metadata: { name } }) =>
    patterns.length === 0 || patterns.some((one) => one.test(name) || one.test(name.replace(/:[^:/]*$/, '')));
}
