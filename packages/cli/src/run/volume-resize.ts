// `ignite volume resize`.
import { parseSize } from '@ignite/api/sizes';
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { usage } from '../usage-error.ts';

export async function run(context: CommandContext): Promise<number> {
  const { operands, out, signal } = context;
  const [word = '', size = ''] = operands;
  checkSize(size);
  const client = await context.client();
  const volume = await client.resizeVolume(word, { size }, { signal });
  const { name } = volume.metadata;
  const live = volume.status.usedBy.some((user) => user.running && !user.readOnly);
  const when = live ? 'and the VM that uses it has the room now' : 'which a VM has when it mounts it next';
  out.note(`Volume "${escapeText(name)}" has ${volume.spec.size}, ${when}`);
  out.data(name);
  return 0;
}

function checkSize(size: string): void {
  try {
    parseSize(size);
  } catch (cause) {
    throw usage(`The second word is a size such as 512MB or 4GB, not "${size}"`, cause);
  }
}
