// `ignite __complete WORDS…`: candidates for the last word, one a line; `:file` leaves it to the shell. Asks a running
// daemon for names, but starts none, and says nothing where it cannot know.
import {
  byPath,
  type CommandGrammar,
  type Grammar,
  type Completes,
  type FlagSpec,
  groupWords,
} from '../argv/index.ts';
import type { CommandContext } from '../context.ts';

export async function run(context: CommandContext): Promise<number> {
  const word = context.guest.at(-1) ?? '';
  const found = await candidates(context, context.guest.slice(0, -1), word);
  for (const one of [...new Set(found)].sort())
    if (one === ':file' || one.startsWith(word)) context.out.data(one);
  return 0;
}

async function candidates(
  context: CommandContext,
  before: readonly string[],
  word: string,
): Promise<readonly string[]> {
  const { tree } = context;
  const place = whereAmI(tree, before);
  if (place.command === undefined) return place.words;
  const flags = [...place.command.flags, ...tree.globals];
  const open = openFlag(flags, before.at(-1));
  if (open !== undefined) return valuesOf(context, open.choices, open.completes);
  if (word.startsWith('-')) return spellings(flags);
  if (place.command.path[0] === 'help') return place.words;
  const operand = place.operands;
  const wanted = place.command.completes?.[operand] ?? place.command.completes?.at(-1);
  if (place.command.guestWords && operand > 0) return [];
  const all = place.command.completes ?? [];
  const kinds = place.command.most === undefined || all.length < 2 ? [wanted] : all;
  return (await Promise.all(kinds.map((kind) => valuesOf(context, undefined, kind)))).flat();
}

interface Place {
  readonly command?: CommandGrammar;
  readonly words: readonly string[];
  readonly operands: number;
}

/** The command the words before the cursor name, or the words that may come next. */
function whereAmI(tree: Grammar, before: readonly string[]): Place {
  const names = before.filter((word) => !word.startsWith('-'));
  const [first, second] = names;
  if (first === undefined) return { words: topWords(tree), operands: 0 };
  const group = tree.groups.find((one) => one.name === first || one.also.includes(first));
  if (group === undefined) {
    const command = byPath(tree, [first]);
    return {
      ...(command === undefined ? {} : { command }),
      words: topWords(tree),
      operands: names.length - 1,
    };
  }
  if (second === undefined) return { words: groupWords(tree, group), operands: 0 };
  const command = byPath(tree, [group.name, second]);
  return { ...(command === undefined ? {} : { command }), words: [], operands: names.length - 2 };
}

function topWords(tree: Grammar): readonly string[] {
  const shown = tree.commands.filter((command) => command.hidden !== true);
  const paths = shown.flatMap((command) => [command.path, ...(command.also ?? [])]);
  return [
    ...paths.filter((path) => path.length === 1).flat(),
    ...tree.groups.flatMap((group) => [group.name, ...group.also]),
  ];
}

/** The flag whose value the cursor is at. */
function openFlag(flags: readonly FlagSpec[], last: string | undefined): FlagSpec | undefined {
  if (last === undefined || !last.startsWith('-') || last.includes('=')) return undefined;
  return flags.find(
    (flag) =>
      (flag.kind === 'string' || flag.kind === 'list') &&
      (last === `--${flag.long}` ||
        flag.also?.some((name) => last === `--${name}`) === true ||
        (flag.short !== undefined && last.length === 2 && flag.short.includes(last.charAt(1)))),
  );
}

function spellings(flags: readonly FlagSpec[]): readonly string[] {
  const shown = flags.filter((flag) => flag.hidden !== true);
  return shown.flatMap((flag) => [flag.long, ...(flag.also ?? [])].map((long) => `--${long}`));
}

async function valuesOf(
  context: CommandContext,
  choices: readonly string[] | undefined,
  kind: Completes | undefined,
): Promise<readonly string[]> {
  if (choices !== undefined) return choices;
  if (kind === 'file') return [':file'];
  if (kind === undefined || kind === 'command') return [];
  try {
    return await namesOf(context, kind);
  } catch {
    return []; // no daemon, no names: a shell that waits for TAB wants no error
  }
}

type Named = readonly { readonly metadata: { readonly name: string } }[];

async function namesOf(
  context: CommandContext,
  kind: 'vm' | 'image' | 'kernel' | 'volume' | 'network',
): Promise<readonly string[]> {
  const client = await context.runningClient();
  if (client === undefined) return [];
  const call = { signal: AbortSignal.timeout(2_000) };
  const lists: Record<typeof kind, () => Promise<Named>> = {
    vm: () => client.listVms({ all: true }, call),
    image: () => client.listImages(call),
    kernel: () => client.listKernels(call),
    volume: () => client.listVolumes(call),
    network: () => client.listNetworks(call),
  };
  return (await lists[kind]()).map((item) => item.metadata.name);
}
