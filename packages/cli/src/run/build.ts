// `ignite build`: what the builder made is loaded into the store under its first name, the others are added.
import { normalizeReference } from '@ignite/api/references';
import { buildImage } from '../build/index.ts';
import type { CommandContext } from '../context.ts';
import { checkPlatform } from '../request/pull-options.ts';
import { usage } from '../usage-error.ts';
import { created } from './shared/created.ts';
import { longOperation } from './shared/long-operation.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, out, signal } = context;
  const [reference, ...others] = flags.list('tag').map((tag) => normalizeReference(tag));
  if (reference === undefined) throw usage('Name the image with -t');
  checkPlatform(flags.string('platform'));
  const [image] = await buildImage(context, ({ stream, ...known }) =>
    longOperation(context, (client, call) => client.loadImage(stream, { ...known, reference }, call)),
  );
  if (image === undefined) throw usage(`${reference} was built, but not loaded`);
  const client = await context.client();
  for (const target of others) await client.tagImage({ source: reference, target }, { signal });
  created(out, 'image', image.metadata);
  return 0;
}
