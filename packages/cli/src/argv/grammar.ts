// What a command line may say: flags, operands and groups, without what the commands do.

/** What a value of a flag looks like. */
export type FlagKind =
  /** `--x`, `--x=false`. */
  | 'bool'
  | 'string'
  /** May be given several times. */
  | 'list'
  /** A value only with `=`; alone it is `true` (CLI rule 1). */
  | 'optional'
  /** A whole number, zero or more. */
  | 'int'
  /** A size such as `512m` or `1GB`. */
  | 'size'
  /** `-i` of `exec`: a key file if the next word has a `/`, else a switch (CLI rule 5). */
  | 'key-or-bool';

/** What the daemon knows that completes a value. */
export type Completes = 'vm' | 'image' | 'kernel' | 'volume' | 'network' | 'source' | 'file' | 'command';

/** One flag of a command. */
export interface FlagSpec {
  /** The name under which the command asks for its value. */
  readonly long: string;
  /** Further long spellings (`--kernel-image`, `--publish`). */
  readonly also?: readonly string[];
  /** One letter; each letter of several is a spelling. */
  readonly short?: string;
  readonly kind: FlagKind;
  /** Word for the value in help texts. */
  readonly value?: string;
  readonly help: string;
  /** What holds without the flag, for people. */
  readonly fallback?: string;
  readonly choices?: readonly string[];
  /** Values that completion offers where others are possible, too. */
  readonly offers?: readonly string[];
  /** Least and most that an `int` or a `size` (in bytes) may be. */
  readonly range?: readonly [least: number, most: number];
  /** A list flag is split at a comma where the next piece matches this. Absent: never split. */
  readonly element?: RegExp;
  readonly completes?: Completes;
  /** A switch named as a global flag with a value gives way to it where a value like this follows. */
  readonly yields?: RegExp;
  /** Not listed in help; still in the manual page. */
  readonly hidden?: boolean;
  /** Docker's wish that a VM does not satisfy, with the reason (CLI rule 9). A test decides where the value matters. */
  readonly refused?: { readonly reason: string; readonly when?: RegExp };
}

/** What is to be known of a command to read, show and complete it. */
export interface CommandGrammar {
  /** Words after `ignite`. */
  readonly path: readonly string[];
  /** Further ways to call it. */
  readonly also?: readonly (readonly string[])[];
  readonly summary: string;
  readonly description: string;
  /** Operands as shown in usage: `IMAGE [COMMAND [ARG...]]`. */
  readonly operands: string;
  /** Fewest and most operands, guest words not counted; `most` absent means any number. */
  readonly fewest: number;
  readonly most?: number;
  /** What to type who gives operands to a command that takes none. */
  readonly instead?: string;
  /** Options end at the first word after the last own operand that is none of ours (CLI rule 2). */
  readonly guestWords?: boolean;
  readonly completes?: readonly Completes[];
  /** Words that completion offers for the first operand. */
  readonly offers?: readonly string[];
  readonly flags: readonly FlagSpec[];
  readonly examples: readonly { readonly text: string; readonly command: string }[];
  readonly hidden?: boolean;
}

/** A word that holds further commands (`image ls`). Alone it runs `fallback`. */
export interface GroupSpec {
  readonly name: string;
  readonly also: readonly string[];
  readonly summary: string;
  readonly fallback: readonly string[];
  /** A word that is no command of the group but looks like this is an operand of that command. */
  readonly operand?: { readonly like: RegExp; readonly path: readonly string[] };
}

/** Everything there is to say on the command line. */
export interface Grammar {
  readonly commands: readonly CommandGrammar[];
  readonly groups: readonly GroupSpec[];
  /** Flags every command has. */
  readonly globals: readonly FlagSpec[];
}
