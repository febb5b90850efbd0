// What `--kernel` takes: the name of a kernel that is here, or an image of one; never a file.
import { basename } from 'node:path';
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';

/**
 * Refuses an empty word, and tells who types a file how to import it. A package that was imported without a name has that of its file: such a kernel is
 * no file.
 * @throws IgniteError `cli/usage`
 */
export async function refuseKernelFile(context: CommandContext): Promise<void> {
  const word = context.flags.string('kernel-image');
  if (word === undefined) return;
  if (word.trim() === '')
    throw usage('--kernel is an empty word; leave it out for the kernel of the distribution');
  const path = /^(\/|~|\.\.?\/)/.test(word);
  if (!path && !word.endsWith('.deb')) return;
  if (!path && (await isKernelHere(context, word))) return;
  throw usage(
    `--kernel takes a kernel's name or image, and ${word} is a file: ` +
      `import it with \`ignite kernel import ${word}\`, then use --kernel ${basename(word)}`,
  );
}

async function isKernelHere(context: CommandContext, name: string): Promise<boolean> {
  const client = await context.client();
  const kernels = await client.listKernels({ signal: context.signal });
  return kernels.some(({ metadata }) => metadata.name === name);
}
