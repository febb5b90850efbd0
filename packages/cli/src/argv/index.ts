export {
  byPath,
  commandsOf,
  groupWords,
  type Invocation,
  isPlural,
  type Misuse,
  readArgv,
} from './read-argv.ts';
export type { CommandModule, CommandSpec, CommandTree } from './spec.ts';
export type { CommandGrammar, Completes, FlagKind, FlagSpec, Grammar, GroupSpec } from './grammar.ts';
export { didYouMean } from './suggest.ts';
export type { FlagValues } from './values.ts';
