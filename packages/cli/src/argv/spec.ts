// The shape of a command as data. Everything the command line knows about a command (its grammar, help, manual
// page, completion) is read from this; behaviour is loaded only when the command runs.
import type { CommandContext } from '../context.ts';
import type { CommandGrammar, Grammar } from './grammar.ts';

/** One command. */
export interface CommandSpec extends CommandGrammar {
  readonly load: () => Promise<CommandModule>;
}

/** What a command's lazily loaded file exports. */
export interface CommandModule {
  /** Does the work; the number is the exit status. */
  run(context: CommandContext): Promise<number>;
}

/** Every command with what it does. */
export interface CommandTree extends Grammar {
  readonly commands: readonly CommandSpec[];
}
