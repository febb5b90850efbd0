// `ignite load`: an archive from a file or stdin, or an OCI layout folder, which is sent as a tar.
import type { CommandContext } from '../context.ts';
import { namingArchive, openArchive } from '../sources/index.ts';
import { usage } from '../usage-error.ts';
import { created } from './shared/created.ts';
import { longOperation } from './shared/long-operation.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands, out } = context;
  const [input, operand] = [flags.string('input'), operands[0]];
  if (input !== undefined && operand !== undefined)
    throw usage('The archive is named by -i or as an operand, not by both');
  const word = input ?? operand ?? '-';
  const { stream, ...known } = await openArchive(context, word);
  const reference = flags.string('reference');
  const named = { ...known, ...(reference === undefined ? {} : { reference }) };
  const images = await namingArchive(word, () =>
    longOperation(context, (client, call) => client.loadImage(stream, named, call)),
  );
  for (const image of images) created(out, 'image', image.metadata);
  return 0;
}
