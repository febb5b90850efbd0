// `ignite import`: a root file system from a file or stdin, as `docker import` takes it.
import { readChanges } from '../request/image-changes.ts';
import type { CommandContext } from '../context.ts';
import { namingArchive, openArchive } from '../sources/index.ts';
import { created } from './shared/created.ts';
import { longOperation } from './shared/long-operation.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands, out } = context;
  const [file = '-', reference = ''] = operands;
  const config = readChanges(flags.list('change'));
  const { stream, ...known } = await openArchive(context, file);
  const image = await namingArchive(file, () =>
    longOperation(context, (client, call) =>
      client.importRootfs(stream, { ...known, reference, config }, call),
    ),
  );
  created(out, 'image', image.metadata);
  return 0;
}
