// `ignite help [COMMAND…]`.
import { byPath, didYouMean, isPlural } from '../argv/index.ts';
import type { CommandContext } from '../context.ts';
import { type HelpSubject, helpLines, helpWidth } from '../help/index.ts';
import { usage } from '../usage-error.ts';
import { run as version } from './version.ts';

export async function run(context: CommandContext): Promise<number> {
  const { tree, operands, out } = context;
  if (context.flags.bool('version')) return version(context);
  const subject = operands.length === 0 ? {} : subjectOf(context);
  for (const line of helpLines(tree, subject, helpWidth(context.host))) out.data(line);
  return 0;
}

function subjectOf({ tree, operands }: CommandContext): HelpSubject {
  const [first = '', second] = operands;
  const group = tree.groups.find((one) => one.name === first || one.also.includes(first));
  if (group !== undefined && second === undefined && !isPlural(group, first)) return { group };
  const path = group === undefined ? operands : second === undefined ? group.fallback : [group.name, second];
  const command = byPath(tree, path);
  if (command !== undefined) return { command };
  const names = tree.commands
    .flatMap((one) => [one.path, ...(one.also ?? [])])
    .map((words) => words.join(' '));
  const word = operands.join(' ');
  throw usage(`There is no command "${word}"${didYouMean(word, names)}`);
}
