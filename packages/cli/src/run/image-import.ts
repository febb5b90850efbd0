// `ignite image import`.
import { isIgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { pullOptions } from '../request/pull-options.ts';
import { fromLocalSource, localSource } from '../sources/index.ts';
import { usage } from '../usage-error.ts';
import { created } from './created.ts';
import { longOperation } from './long-operation.ts';

/** The original's namespace of containerd. */
const ORIGINAL_NAMESPACE = 'firecracker';

export async function run(context: CommandContext): Promise<number> {
  const reference = context.operands[0] ?? '';
  const image =
    (await fromNamedSource(context, reference)) ??
    (await fromRuntime(context, reference)) ??
    (await fromRegistry(context, reference));
  created(context.out, 'image', image.metadata);
  return 0;
}

async function fromNamedSource(context: CommandContext, word: string) {
  const source = localSource(word);
  return source === undefined ? undefined : await fromLocalSource(context, source, 'missing');
}

/**
 * `--runtime docker|containerd`, as the original meant it here: the image of that program if it has it (CLI rule 23). What
 * it lacks comes from the registry.
 */
async function fromRuntime(context: CommandContext, word: string) {
  const runtime = context.flags.string('runtime') ?? 'process';
  if (runtime === 'process' || word.includes('@')) return undefined; // digests are those of registries
  const namespace = context.host.env['CONTAINERD_NAMESPACE'] || ORIGINAL_NAMESPACE;
  const places: Readonly<Record<string, string>> = {
    docker: `docker://${word}`,
    containerd: `containerd://${namespace}@${word}`,
  };
  const place = places[runtime];
  if (place === undefined)
    throw usage(`--runtime takes one of process, containerd, docker, not "${runtime}"`);
  try {
    return await fromNamedSource(context, place);
  } catch (error) {
    if (isIgniteError(error, 'cli/source-refused')) return undefined;
    throw error;
  }
}

async function fromRegistry(context: CommandContext, reference: string) {
  const options = await pullOptions(context.host, context.flags, [reference]);
  return await longOperation(context, (client, call) =>
    client.pullImage({ reference, pull: 'missing', ...options }, call),
  );
}
