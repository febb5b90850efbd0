// The manual pages docs/cli/*.md, generated from the commands.
import { type CommandGrammar, type Grammar, groupWords } from '../argv/index.ts';
import { flagMeaning, flagSpelling } from './flags.ts';
import { usageLine } from './usage.ts';

const GENERATED =
  '<!-- Generated from packages/cli/src/commands by scripts/generate-cli-docs.ts. Do not edit. -->';

/** Every page: file name → text. */
export function manualPages(tree: Grammar): ReadonlyMap<string, string> {
  const commands = tree.commands.filter((command) => command.hidden !== true);
  return new Map([
    ['README.md', indexPage(tree, commands)],
    ...commands.map((command) => [pageName(command), commandPage(tree, command)] as const),
  ]);
}

function pageName(command: CommandGrammar): string {
  return `${command.path.join('-')}.md`;
}

function indexPage(tree: Grammar, commands: readonly CommandGrammar[]): string {
  const rows = commands.map(
    (command) => `| [ignite ${command.path.join(' ')}](${pageName(command)}) | ${cell(command.summary)} |`,
  );
  const groups = tree.groups.map(
    (group) =>
      `| \`${[group.name, ...group.also].join('`, `')}\` | ${groupWords(tree, group).join(', ')} | \`ignite ${group.fallback.join(' ')}\` |`,
  );
  return `${GENERATED}

# Commands of ignite

| Command | |
| --- | --- |
${rows.join('\n')}

## Groups

| Group | Commands | Alone |
| --- | --- | --- |
${groups.join('\n')}

## Options of every command

${flagRows(tree)}
`;
}

function flagRows(tree: Grammar, command?: CommandGrammar): string {
  const flags = command === undefined ? tree.globals : command.flags;
  const sorted = [...flags].sort((a, b) => a.long.localeCompare(b.long));
  const rows = sorted.map(
    (flag) => `| \`${flagSpelling(flag).replaceAll('|', '\\|')}\` | ${cell(flagMeaning(flag))} |`,
  );
  return ['| Option | |', '| --- | --- |', ...rows].join('\n');
}

function commandPage(tree: Grammar, command: CommandGrammar): string {
  const also = (command.also ?? []).map((path) => `\`ignite ${path.join(' ')}\``);
  const examples = command.examples.map(({ text, command: line }) => `# ${text}\n${line}`).join('\n\n');
  return `${GENERATED}

# ignite ${command.path.join(' ')}

${command.summary}.

    ${usageLine(command)}
${also.length === 0 ? '' : `\nAlso: ${also.join(', ')}\n`}
${command.description}

## Options

${command.flags.length === 0 ? 'Only those of every command.' : flagRows(tree, command)}

[Options of every command](README.md#options-of-every-command)

## Examples

\`\`\`sh
${examples}
\`\`\`
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
