// `ignite image import`.
import { isIgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { pullOptions } from '../request/pull-options.ts';
import { fromLocalSource, type LocalSource, localSource, pullThere } from '../sources/index.ts';
import { usage } from '../usage-error.ts';
import { created } from './shared/created.ts';
import { longOperation } from './shared/long-operation.ts';

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
 * `--runtime docker|containerd`, as the original meant it here: the image of that program, which pulls what it lacks (CLI
 * rule 23, IMP-02). What it cannot get comes from the registry.
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
  const source = localSource(place);
  if (source === undefined) return undefined;
  const there = () => fromLocalSource(context, source, 'missing');
  return (await unlessRefused(there)) ?? (await unlessRefused(() => pulled(context, source, there)));
}

async function pulled<T>(context: CommandContext, source: LocalSource, take: () => Promise<T>): Promise<T> {
  await pullThere(context, source);
  return await take();
}

/** Undefined where the program has no such image. */
async function unlessRefused<T>(take: () => Promise<T>): Promise<T | undefined> {
  try {
    return await take();
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
