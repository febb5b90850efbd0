// Usage, shown on stderr after a mistake in what was typed: short, so that the error above it stays on the screen.
import type { CommandGrammar } from '../argv/index.ts';

/** `ignite run [OPTIONS] IMAGE [COMMAND…]`. */
export function usageLine(command: CommandGrammar): string {
  return ['ignite', ...command.path, '[OPTIONS]', command.operands].filter((word) => word !== '').join(' ');
}

/** Usage of one command, or of all, and where to read about the options. */
export function usageLines(command: CommandGrammar | undefined): readonly string[] {
  if (command === undefined || command.path[0] === 'help')
    return ['', 'Usage: ignite COMMAND [OPTIONS]', '', '`ignite help` lists all commands.'];
  const name = command.path.join(' ');
  return [
    '',
    `Usage: ${usageLine(command)}`,
    '',
    `\`ignite help ${name}\` lists its options, with examples.`,
  ];
}
