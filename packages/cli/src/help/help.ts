// Help: what there is, what a group has, or everything about one command.
import { type CommandGrammar, type Grammar, commandsOf, type GroupSpec, groupWords } from '../argv/index.ts';
import { flagTable, shownFlags } from './flags.ts';
import { usageLine } from './usage.ts';
import { twoColumns, wrapParagraphs } from './wrap.ts';

/** What help is asked about; nothing: the whole. */
export interface HelpSubject {
  readonly command?: CommandGrammar;
  readonly group?: GroupSpec;
}

/**
 * Help for a group, for one command, or for the whole.
 * @param width most characters of a line
 */
export function helpLines(tree: Grammar, subject: HelpSubject, width: number): readonly string[] {
  const { command, group } = subject;
  if (group !== undefined) return groupHelp(tree, group, width);
  return command === undefined ? overview(tree, width) : commandHelp(tree, command, width);
}

function overview(tree: Grammar, width: number): readonly string[] {
  const single = tree.commands.filter((one) => one.hidden !== true && one.path.length === 1);
  return [
    'Ignite turns OCI images into virtual machines, with the verbs of Docker.',
    '',
    'Usage: ignite COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...summaries(
      single.map((one) => [one.path.join(' '), one.summary]),
      width,
    ),
    '',
    'Groups:',
    ...summaries(
      tree.groups.map((group) => [group.name, `${group.summary}: ${groupWords(tree, group).join(', ')}`]),
      width,
    ),
    '',
    ...globalOptions(tree, width),
    '',
    ...wrapParagraphs(
      '`ignite help COMMAND` says everything about one. First time here? `ignite doctor` checks the host.',
      width,
    ),
  ];
}

function groupHelp(tree: Grammar, group: GroupSpec, width: number): readonly string[] {
  return [
    `Usage: ignite ${group.name} COMMAND [OPTIONS]`,
    ...(group.also.length === 0 ? [] : [`Also:  ${group.also.map((name) => `ignite ${name}`).join(', ')}`]),
    '',
    ...wrapParagraphs(
      `${group.summary}. \`ignite ${group.name}\` alone is \`ignite ${group.fallback.join(' ')}\`.`,
      width,
    ),
    '',
    'Commands:',
    ...summaries(
      commandsOf(tree, group).map(({ words, command }) => [words.join(', '), command.summary]),
      width,
    ),
    '',
    `\`ignite help ${group.name} COMMAND\` says everything about one.`,
  ];
}

function commandHelp(tree: Grammar, command: CommandGrammar, width: number): readonly string[] {
  const also = (command.also ?? []).map((path) => `ignite ${path.join(' ')}`);
  const own = shownFlags(command.flags);
  return [
    `Usage: ${usageLine(command)}`,
    ...(also.length === 0 ? [] : [`Also:  ${also.join(', ')}`]),
    '',
    ...wrapParagraphs(command.description, width),
    '',
    ...(own.length === 0 ? [] : ['Options:', ...flagTable(own, width), '']),
    ...globalOptions(tree, width),
    '',
    'Examples:',
    ...command.examples.flatMap(({ text, command: line }) => [`  # ${text}`, `  ${line}`]),
  ];
}

function globalOptions(tree: Grammar, width: number): readonly string[] {
  return ['Options of every command:', ...flagTable(shownFlags(tree.globals), width)];
}

/** Names with what they are, in two columns. */
function summaries(rows: readonly (readonly [string, string])[], width: number): readonly string[] {
  const leftWidth = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, summary]) => twoColumns(name, summary, leftWidth, width));
}
