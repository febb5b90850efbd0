export {
  byPath,
  commandsOf,
  groupWords,
  type Invocation,
  isPlural,
  type Misuse,
  readArgv,
} from './read-argv.ts';
export type {
  CommandModule,
  CommandSpec,
  CommandTree,
  Completes,
  FlagKind,
  FlagSpec,
  GroupSpec,
} from './spec.ts';
export { didYouMean } from './suggest.ts';
export type { FlagValues } from './values.ts';
