// Help: what there is, or everything about one command.
import { type CommandSpec, type CommandTree, groupWords } from '../argv/index.ts';
import { flagTable, shownFlags } from './flags.ts';
import { usageLine } from './usage.ts';

/** Help for one command, or for the whole. */
export function helpLines(tree: CommandTree, command: CommandSpec | undefined): readonly string[] {
  return command === undefined ? overview(tree) : commandHelp(tree, command);
}

function overview(tree: CommandTree): readonly string[] {
  const single = tree.commands.filter((one) => one.hidden !== true && one.path.length === 1);
  const width = Math.max(...single.map((one) => one.path.join(' ').length)) + 2;
  const groups = tree.groups.map(
    (group) => `  ${group.name.padEnd(width)}${group.summary}: ${groupWords(tree, group).join(', ')}`,
  );
  return [
    'Ignite turns OCI images into virtual machines, with the verbs of Docker.',
    '',
    'Usage: ignite COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...single.map((one) => `  ${one.path.join(' ').padEnd(width)}${one.summary}`),
    '',
    'Groups:',
    ...groups,
    '',
    'Options of every command:',
    ...flagTable(shownFlags(tree.globals)),
    '',
    '`ignite help COMMAND` says everything about one. First time here? `ignite doctor` checks the host.',
  ];
}

function commandHelp(tree: CommandTree, command: CommandSpec): readonly string[] {
  const also = (command.also ?? []).map((path) => `ignite ${path.join(' ')}`);
  const own = shownFlags(command.flags);
  return [
    `Usage: ${usageLine(command)}`,
    ...(also.length === 0 ? [] : [`Also:  ${also.join(', ')}`]),
    '',
    command.description,
    '',
    ...(own.length === 0 ? [] : ['Options:', ...flagTable(own), '']),
    'Options of every command:',
    ...flagTable(shownFlags(tree.globals)),
    '',
    'Examples:',
    ...command.examples.flatMap(({ text, command: line }) => [`  # ${text}`, `  ${line}`]),
  ];
}
