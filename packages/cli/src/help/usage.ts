// Usage, shown on stderr after a mistake in what was typed.
import type { CommandSpec } from '../argv/index.ts';
import { flagTable, shownFlags } from './flags.ts';

/** `ignite run [OPTIONS] IMAGE [COMMAND…]`. */
export function usageLine(command: CommandSpec): string {
  return ['ignite', ...command.path, '[OPTIONS]', command.operands].filter((word) => word !== '').join(' ');
}

/** Usage of one command, or what there is. */
export function usageLines(command: CommandSpec | undefined): readonly string[] {
  if (command === undefined || command.path[0] === 'help')
    return ['', 'Usage: ignite COMMAND [OPTIONS]', '', '`ignite help` lists all commands.'];
  return [
    '',
    `Usage: ${usageLine(command)}`,
    '',
    ...flagTable(shownFlags(command.flags)),
    '',
    `\`ignite help ${command.path.join(' ')}\` says more.`,
  ];
}
