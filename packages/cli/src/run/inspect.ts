// `ignite inspect KIND OBJ` prints one object, `inspect OBJ…` an array; two words, the first of which is a kind, are
// the first form (CLI rule 15).
import { IgniteError } from '@ignite/api/errors';
import type {
  Client,
  ImageDocument,
  KernelDocument,
  VmDocument,
  VolumeDocument,
  NetworkDocument,
} from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';
import { asGoValue, compileTemplate, goImage, goVm } from '../views/index.ts';
import { isNotFound } from './shared/each.ts';

/** Kinds by the words that name them. */
export type Kind = 'vm' | 'image' | 'kernel' | 'volume' | 'network';

const KINDS = ['vm', 'image', 'kernel', 'volume', 'network'] as const satisfies readonly Kind[];

type Document = VmDocument | ImageDocument | KernelDocument | VolumeDocument | NetworkDocument;

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands } = context;
  const [first = '', second] = operands;
  const kind = kindOf(first);
  if (operands.length === 2 && kind !== undefined) return await inspectOne(context, kind, second ?? '');
  const type = flags.string('type');
  return await inspectMany(context, operands, type === undefined ? undefined : kindOf(type));
}

function kindOf(word: string): Kind | undefined {
  const lower = word.toLowerCase();
  if (lower === 'vm' || lower === 'container') return 'vm';
  return KINDS.find((kind) => kind === lower);
}

async function inspectOne(context: CommandContext, kind: Kind, word: string): Promise<number> {
  const client = await context.client();
  await print(context, [await find(client, kind, word, context.signal)], true);
  return 0;
}

/** Prints an array of what the words name; each failure is reported, and the rest printed. */
export async function inspectMany(
  context: CommandContext,
  words: readonly string[],
  kind: Kind | undefined,
): Promise<number> {
  const client = await context.client();
  const found: Document[] = [];
  const failures: unknown[] = [];
  for (const word of words) {
    try {
      found.push(
        kind === undefined
          ? await findAny(client, word, context.signal)
          : await find(client, kind, word, context.signal),
      );
    } catch (error) {
      failures.push(error);
    }
  }
  await print(context, found, false);
  const { printError } = await import('../output/errors.ts');
  for (const failure of failures) printError(context.out, failure);
  return failures.length === 0 ? 0 : 1;
}

async function find(client: Client, kind: Kind, word: string, signal: AbortSignal): Promise<Document> {
  if (word === '') throw usage('An empty word names nothing');
  if (kind === 'vm') return await client.inspectVm(word, { signal });
  if (kind === 'network') return await client.inspectNetwork(word, { signal });
  if (kind === 'volume') return await client.inspectVolume(word, { signal });
  return kind === 'image'
    ? await client.inspectImage(word, { signal })
    : await client.inspectKernel(word, { signal });
}

async function findAny(client: Client, word: string, signal: AbortSignal): Promise<Document> {
  for (const kind of KINDS) {
    try {
      return await find(client, kind, word, signal);
    } catch (error) {
      if (!isNotFound(error) && !isNoReference(error)) throw error;
    }
  }
  const alone =
    kindOf(word) === undefined
      ? {}
      : { details: { hint: `Name the object, too: ignite inspect ${word} OBJECT.` } };
  throw new IgniteError('cli/no-match', `There is no VM, image, kernel, volume or network "${word}"`, alone);
}

function isNoReference(error: unknown): boolean {
  return error instanceof IgniteError && error.code === 'api/invalid-reference';
}

/** VMs in the version asked for; other kinds as they are. */
async function inVersion(items: readonly Document[], word: string | undefined): Promise<readonly object[]> {
  if (word === undefined) return items;
  const { versionOf } = await import('../views/api-version.ts');
  const version = versionOf(word);
  if (version === 'v1beta1') return items;
  const { decodeVm, toVersion } = await import('@ignite/api');
  return items.map((item) => (item.kind === 'VM' ? toVersion(decodeVm(item), version) : item));
}

function goObject(item: Document) {
  if (item.kind === 'VM') return goVm(item);
  return item.kind === 'Image' || item.kind === 'Kernel' ? goImage(item) : asGoValue(item);
}

async function print(
  { flags, out }: CommandContext,
  items: readonly Document[],
  single: boolean,
): Promise<void> {
  const template = flags.string('template');
  if (template !== undefined && template !== 'json') {
    const render = compileTemplate(template);
    for (const item of items) out.data(render(goObject(item)));
    return;
  }
  const shown = await inVersion(items, flags.string('api-version'));
  const value = single ? shown[0] : shown;
  if (flags.string('output') === 'yaml')
    out.data((await import('yaml')).stringify(value, { sortMapEntries: true }).trimEnd());
  else out.data(JSON.stringify(value, undefined, template === 'json' ? undefined : 2));
}
