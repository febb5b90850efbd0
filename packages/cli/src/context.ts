// What a running command has at hand.
import type { Client } from '@ignite/client';
import type { CommandGrammar, Grammar } from './argv/grammar.ts';
import type { FlagValues } from './argv/values.ts';
import type { CliHost } from './host.ts';
import type { Output } from './output/output.ts';

export interface CommandContext {
  readonly tree: Grammar;
  readonly command: CommandGrammar;
  readonly flags: FlagValues;
  readonly operands: readonly string[];
  /** Words for the guest, untouched. */
  readonly guest: readonly string[];
  readonly out: Output;
  readonly host: CliHost;
  /** Aborted by the first Ctrl-C; a command that passes signals on replaces that with `ownSignals`. */
  readonly signal: AbortSignal;
  /** From here on the command handles signals itself. */
  ownSignals(): void;
  /** The daemon, started where none runs. */
  client(): Promise<Client>;
  /** The daemon if one runs, for commands that start nothing. */
  runningClient(): Promise<Client | undefined>;
}
