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
  const inGuest = /^[^/=]+:/.test(word); // what lies there is not asked for
  const found = (await candidates(context, context.guest.slice(0, -1), word)).filter(
    (one) => !inGuest || one !== ':file',
  );
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
  const flags = flagsAt(tree, place);
  const open = openFlag(flags, before.at(-1));
  if (open !== undefined) return await flagValues(context, open);
  const { command, operands } = place;
  if (word.startsWith('-')) return await flagsOrValue(context, flags, word);
  if (command === undefined) return place.words;
  if (command.path[0] === 'help') return place.words;
  if (command.guestWords && operands.length > 0) return [];
  const named = await Promise.all(kindsOf(command, operands).map((kind) => namesOf(context, kind)));
  return [...(operands.length === 0 ? (command.offers ?? []) : []), ...named.flat()];
}

/** The closed set of its values, or those that are usual and those that name what is there. */
async function flagValues(context: CommandContext, flag: FlagSpec): Promise<readonly string[]> {
  return flag.choices ?? [...(flag.offers ?? []), ...(await namesOf(context, flag.completes))];
}

/** `--flag=` has the values of the flag behind it. */
async function flagsOrValue(
  context: CommandContext,
  flags: readonly FlagSpec[],
  word: string,
): Promise<readonly string[]> {
  const [, name = ''] = /^(--[^=]+)=/.exec(word) ?? [];
  const flag =
    openFlag(flags, name) ?? flags.find(({ kind, long }) => kind === 'optional' && name === `--${long}`);
  if (flag === undefined) return spellings(flags);
  const values = await flagValues(context, flag);
  return values.map((value) => (value === ':file' ? value : `${name}=${value}`));
}

/** What the next operand may name. */
function kindsOf(command: CommandGrammar, operands: readonly string[]): readonly (Completes | undefined)[] {
  const all = command.completes ?? [];
  const [first] = operands;
  if (command.most !== undefined && operands.length >= command.most) return [];
  if (all.length > 2) {
    const named = all.find((kind) => kind === first); // `inspect vm NAME`
    return named === undefined ? all : [named];
  }
  if (command.most === undefined) return [all[operands.length] ?? all.at(-1)];
  return all.length > 1 || operands.length === 0 ? all : []; // what comes after the one object is no object
}

interface Place {
  readonly command?: CommandGrammar;
  readonly words: readonly string[];
  readonly operands: readonly string[];
}

/** The command that the words before the cursor name, with its operands so far, or the words that may come next. */
function whereAmI(tree: Grammar, before: readonly string[]): Place {
  const names: string[] = [];
  let value = false;
  for (const word of before) {
    if (!value && !word.startsWith('-')) names.push(word);
    value = !value && openFlag(flagsAt(tree, placeOf(tree, names)), word) !== undefined;
  }
  return placeOf(tree, names);
}

function placeOf(tree: Grammar, names: readonly string[]): Place {
  const [first, second] = names;
  if (first === undefined) return { words: topWords(tree), operands: [] };
  const group = tree.groups.find((one) => one.name === first || one.also.includes(first));
  if (group === undefined) {
    const command = byPath(tree, [first]);
    return {
      ...(command === undefined ? {} : { command }),
      words: topWords(tree),
      operands: names.slice(1),
    };
  }
  if (second === undefined) return { words: groupWords(tree, group), operands: [] };
  const command = byPath(tree, [group.name, second]);
  return { ...(command === undefined ? {} : { command }), words: [], operands: names.slice(2) };
}

function flagsAt(tree: Grammar, { command }: Place): readonly FlagSpec[] {
  return [...(command?.flags ?? []), ...tree.globals];
}

function topWords(tree: Grammar): readonly string[] {
  const shown = tree.commands.filter((command) => command.hidden !== true);
  const paths = shown.flatMap((command) => [command.path, ...(command.also ?? [])]);
  return [
    ...paths.filter((path) => path.length === 1).flat(),
    ...tree.groups.flatMap((group) => [group.name, ...group.also]),
  ];
}

const VALUED: ReadonlySet<FlagSpec['kind']> = new Set(['string', 'list', 'int', 'size']);

/** The flag whose value comes after a word. */
function openFlag(flags: readonly FlagSpec[], last: string | undefined): FlagSpec | undefined {
  if (last === undefined || !last.startsWith('-') || last.includes('=')) return undefined;
  return flags.find(
    (flag) =>
      VALUED.has(flag.kind) &&
      (last === `--${flag.long}` ||
        flag.also?.some((name) => last === `--${name}`) === true ||
        (flag.short !== undefined && /^-[a-zA-Z]+$/.test(last) && flag.short.includes(last.slice(-1)))),
  );
}

function spellings(flags: readonly FlagSpec[]): readonly string[] {
  const shown = flags.filter((flag) => flag.hidden !== true);
  return shown.flatMap((flag) => [flag.long, ...(flag.also ?? [])].map((long) => `--${long}`));
}

/** Names of what is there; none where no daemon tells: a shell that waits for TAB wants no error. */
async function namesOf(context: CommandContext, kind: Completes | undefined): Promise<readonly string[]> {
  if (kind === 'file') return [':file'];
  if (kind === undefined || kind === 'command') return [];
  return await askNames(context, kind).catch(() => []);
}

type Named = readonly { readonly metadata: { readonly name: string } }[];

async function askNames(
  context: CommandContext,
  kind: Exclude<Completes, 'file' | 'command'>,
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
    source: async () => (await client.listSources(call)).items.map(({ name }) => ({ metadata: { name } })),
  };
  return (await lists[kind]()).map((item) => item.metadata.name);
}
