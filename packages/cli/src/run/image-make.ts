// `ignite image make`.
import type { RequestBody } from '@ignite/api';
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';
import { created } from './shared/created.ts';
import { longOperation } from './shared/long-operation.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands } = context;
  const distribution = operands[0];
  if (distribution !== 'debian' && distribution !== 'ubuntu')
    throw usage(`Images are made of debian and ubuntu, not of "${distribution}"`);
  const [suite, reference, mirror] = [flags.string('suite'), flags.string('tag'), flags.string('mirror')];
  const packages = flags.list('package');
  const body: RequestBody<'makeImage'> = {
    distribution,
    ...(suite === undefined ? {} : { suite }),
    ...(reference === undefined ? {} : { reference }),
    ...(mirror === undefined ? {} : { mirror }),
    ...(packages.length === 0 ? {} : { packages: [...packages] }),
  };
  const image = await longOperation(context, (client, call) => client.makeImage(body, call));
  created(context.out, 'image', image.metadata);
  return 0;
}
