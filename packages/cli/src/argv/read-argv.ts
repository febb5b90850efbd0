// From argv to a command with its flags and operands. A command's flags may stand before its name, so the name is
// the first word that names a command under which everything before it reads as flags (CLI rule 1).
import { usage } from '../usage-error.ts';
import { insteadOf, insteadOfGroup } from './foreign-words.ts';
import { type ReadFlags, readFlags } from './read-flags.ts';
import type { CommandSpec, CommandTree } from './spec.ts';
import type { CommandGrammar, Grammar, GroupSpec } from './grammar.ts';
import { didYouMean } from './suggest.ts';

/** What the user asked for. */
export interface Invocation extends ReadFlags {
  readonly command: CommandSpec;
  /** `--help` was given: show help of `group` or `command` and do nothing. */
  readonly help: boolean;
  /** The group that was named without one of its commands: `command` is what it does then. */
  readonly group?: GroupSpec;
}

/** A failure that knows which command's usage to print. */
export interface Misuse {
  readonly error: unknown;
  readonly command?: CommandSpec;
}

/** A command found among the words, and the words that are left for it. */
interface Found {
  readonly command: CommandSpec;
  readonly group?: GroupSpec;
  readonly words: readonly string[];
}

/**
 * Reads argv (without program name).
 * @returns the invocation, or what was wrong with it
 */
export function readArgv(tree: CommandTree, argv: readonly string[]): Invocation | Misuse {
  const found = findCommand(tree, argv);
  if ('error' in found) return found;
  const { command, group, words } = found;
  const named = { command, ...(group === undefined ? {} : { group }) };
  try {
    const read = readFlags(command, tree.globals, words);
    const help = read.flags.bool('help');
    if (!help) countOperands(command, read);
    return { ...named, help, ...read };
  } catch (error) {
    return asksHelp(words)
      ? { ...named, help: true, ...readFlags(command, tree.globals, []) }
      : { error, command };
  }
}

/** `ignite run --bogus --help` still gets help, but never for words after `--`. */
function asksHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end)).includes('--help');
}

function countOperands(command: CommandSpec, read: ReadFlags): void {
  const count = read.operands.length;
  const called = `ignite ${command.path.join(' ')}`;
  if (count < command.fewest && !(command.fewest === 1 && read.flags.has('config')))
    throw usage(`${called} needs ${command.operands}${takenWord(read)}`);
  if (command.most !== undefined && count > command.most) {
    const extra = read.operands[command.most];
    throw usage(
      command.most === 0
        ? `${called} takes no operand, but got "${extra}"${command.instead === undefined ? '' : `; ${command.instead}`}`
        : `${called}: "${extra}" is one operand too many`,
    );
  }
}

/** Who forgot the value of a flag has lost the word behind it. */
function takenWord({ taken }: ReadFlags): string {
  return taken === undefined ? '' : `; "${taken.word}" was taken as the value of ${taken.spelled}`;
}

function findCommand(tree: CommandTree, argv: readonly string[]): Found | Misuse {
  let misread: Misuse | undefined;
  for (const [index, word] of argv.entries()) {
    if (word === '--') break;
    const found = commandAt(tree, argv, index, word);
    if (found === undefined) continue;
    if ('error' in found) return misread ?? found;
    const before = argv.slice(0, index);
    const wrong = flagsOnly(found.command, tree, before);
    if (wrong === undefined) return found;
    misread ??= { error: wrong, command: found.command };
  }
  return misread ?? noCommand(tree, argv);
}

/** The command whose name stands at `index`: a command of one word, or a group and its word. */
function commandAt(
  tree: CommandTree,
  argv: readonly string[],
  index: number,
  word: string,
): Found | Misuse | undefined {
  const before = argv.slice(0, index);
  const after = argv.slice(index + 1);
  const group = tree.groups.find((one) => one.name === word || one.also.includes(word));
  if (group !== undefined) return inGroup(tree, group, word, before, after);
  const command = byPath(tree, [word]);
  return command === undefined ? undefined : { command, words: [...before, ...after] };
}

function inGroup(
  tree: CommandTree,
  group: GroupSpec,
  called: string,
  before: readonly string[],
  after: readonly string[],
): Found | Misuse {
  const fallback = byPath(tree, group.fallback);
  if (fallback === undefined)
    throw new Error(`The group ${group.name} has no command ${group.fallback.join(' ')}`);
  let stranger: string | undefined;
  for (const [index, word] of after.entries()) {
    if (word === '--') break;
    const command = byPath(tree, [group.name, word]);
    const between = after.slice(0, index);
    if (command !== undefined && flagsOnly(command, tree, between) === undefined)
      return { command, words: [...before, ...between, ...after.slice(index + 1)] };
    if (!word.startsWith('-') && flagsOnly(fallback, tree, between) === undefined) stranger ??= word;
  }
  const taker = operandTaker(tree, group, after);
  if (taker !== undefined) return { command: taker, words: [...before, ...after] };
  if (stranger === undefined)
    return { command: fallback, words: [...before, ...after], ...(isPlural(group, called) ? {} : { group }) };
  const words = groupWords(tree, group);
  const known = insteadOfGroup(group.name, stranger) || didYouMean(stranger, words);
  // `images NAME` is Docker's: the list of those of that name.
  if (known === '' && isPlural(group, called) && fallback.most !== 0)
    return { command: fallback, words: [...before, ...after] };
  const near = known || `; it has ${words.join(', ')}`;
  return { error: usage(`ignite ${group.name} has no command "${stranger}"${near}`), command: fallback };
}

/** The command of a group that takes such an operand without being named. */
function operandTaker(
  tree: CommandTree,
  { operand }: GroupSpec,
  words: readonly string[],
): CommandSpec | undefined {
  const named = words.some((word) => !word.startsWith('-') && operand?.like.test(word) === true);
  return operand !== undefined && named ? byPath(tree, operand.path) : undefined;
}

/** Whether a group is called by its plural: `images` is Docker's name of the list alone. */
export function isPlural(group: GroupSpec, called: string): boolean {
  return called === `${group.name}s`;
}

/** Words that may follow a group's name, sorted. */
export function groupWords(tree: Grammar, group: GroupSpec): readonly string[] {
  return commandsOf(tree, group)
    .flatMap(({ words }) => words)
    .sort();
}

/** The commands of a group, each with all its words there; sorted by the first. */
export function commandsOf(
  tree: Grammar,
  group: GroupSpec,
): readonly { readonly words: readonly string[]; readonly command: CommandGrammar }[] {
  const found = tree.commands
    .filter((command) => command.hidden !== true)
    .map((command) => {
      const paths = [command.path, ...(command.also ?? [])].filter(([first]) => first === group.name);
      return { words: paths.flatMap((path) => path.slice(1, 2)), command };
    });
  const named = found.filter(({ words }) => words.length > 0);
  return named.sort((a, b) => ((a.words[0] ?? '') < (b.words[0] ?? '') ? -1 : 1));
}

/** The command with exactly this path or alias. */
export function byPath<Command extends CommandGrammar>(
  tree: { readonly commands: readonly Command[] },
  path: readonly string[],
): Command | undefined {
  const wanted = path.join(' ');
  return tree.commands.find(
    (command) =>
      command.path.join(' ') === wanted || command.also?.some((other) => other.join(' ') === wanted) === true,
  );
}

/** Whether words are only flags of a command; else what is wrong with them. */
function flagsOnly(command: CommandSpec, tree: CommandTree, words: readonly string[]): unknown {
  if (words.length === 0) return undefined;
  try {
    const { operands, guest } = readFlags(command, tree.globals, words);
    const stray = operands[0] ?? guest[0];
    return stray === undefined ? undefined : unknownCommand(tree, stray);
  } catch (error) {
    return error;
  }
}

/** No word names a command: plain `ignite`, only global flags, or a mistyped word. */
function noCommand(tree: CommandTree, argv: readonly string[]): Found | Misuse {
  const help = byPath(tree, ['help']);
  if (help === undefined) throw new Error('There is no command help');
  const wrong = flagsOnly(help, tree, argv);
  if (wrong === undefined) return { command: help, words: argv };
  if (argv[0] === '--')
    return { error: usage('-- stands behind the name of a command: ignite COMMAND [OPTIONS] -- WORD...') };
  const stray = argv.find((word) => !word.startsWith('-'));
  return { error: stray === undefined || argv[0] !== stray ? wrong : unknownCommand(tree, stray) };
}

function unknownCommand(tree: CommandTree, word: string): Error {
  const names = [
    ...tree.groups.flatMap((group) => [group.name, ...group.also]),
    ...tree.commands
      .filter((one) => one.hidden !== true)
      .flatMap((one) => [one.path, ...(one.also ?? [])].filter((path) => path.length === 1).flat()),
  ];
  return usage(`"${word}" is no command of ignite${insteadOf(word) || didYouMean(word, names)}`);
}
