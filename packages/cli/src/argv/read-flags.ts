// pflag's grammar over one command's flags: `--x v`, `--x=v`, `-xv`, `-x=v`, `-it`, `--` (CLI rules 1, 2 and 5).
import { usage } from '../usage-error.ts';
import { checkValue } from './check-value.ts';
import type { CommandGrammar, FlagSpec } from './grammar.ts';
import { insteadOfFlag } from './foreign-words.ts';
import { didYouMean } from './suggest.ts';
import { collectFlags, type FlagCollector, type FlagValues } from './values.ts';

/** What argv means to one command. */
export interface ReadFlags {
  readonly flags: FlagValues;
  readonly operands: readonly string[];
  /** Words for the guest, for commands that have them. */
  readonly guest: readonly string[];
  /** The last word of all, where a flag took it as its value. */
  readonly taken?: { readonly spelled: string; readonly word: string };
}

/** Where reading is: words still to read and what was found. */
interface Reader {
  readonly command: CommandGrammar;
  readonly known: readonly FlagSpec[];
  readonly values: FlagCollector;
  readonly rest: string[];
  readonly operands: string[];
  taken?: NonNullable<ReadFlags['taken']>;
}

/**
 * Reads a command's words (without its name).
 * @throws IgniteError `cli/usage`
 */
export function readFlags(
  command: CommandGrammar,
  globals: readonly FlagSpec[],
  words: readonly string[],
): ReadFlags {
  const known = [...command.flags, ...globals];
  const reader: Reader = { command, known, values: collectFlags(), rest: [...words], operands: [] };
  let guest: readonly string[] = [];
  for (let word = reader.rest.shift(); word !== undefined; word = reader.rest.shift()) {
    if (word === '--') {
      const more = reader.rest.splice(0);
      if (atGuest(reader)) guest = more;
      else if (command.guestWords) {
        reader.operands.push(...more.slice(0, ownOperands(command)));
        guest = more.slice(ownOperands(command));
      } else reader.operands.push(...more);
    } else if (word.startsWith('--')) readLong(reader, word);
    else if (word.startsWith('-') && word.length > 1) readShort(reader, word);
    else if (atGuest(reader)) guest = [word, ...reader.rest.splice(0)];
    else reader.operands.push(word);
  }
  const { operands, taken, values } = reader;
  return { flags: values, operands, guest, ...(taken === undefined ? {} : { taken }) };
}

/** Own operands of a command with guest words: IMAGE or VM. */
function ownOperands(command: CommandGrammar): number {
  return command.most ?? 1;
}

function atGuest(reader: Reader): boolean {
  return reader.command.guestWords === true && reader.operands.length >= ownOperands(reader.command);
}

function readLong(reader: Reader, word: string): void {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals === -1 ? undefined : equals);
  const spelled = `--${name}`;
  const value = equals === -1 ? reader.rest[0] : word.slice(equals + 1);
  const flag = reader.known.find(
    (one) =>
      (one.long === name || one.also?.includes(name)) &&
      !(value !== undefined && one.yields?.test(value) === true),
  );
  if (flag === undefined) throw unknown(reader, word, spelled);
  if (equals !== -1) set(reader, flag, spelled, word.slice(equals + 1));
  else if (isSwitch(flag)) set(reader, flag, spelled, 'true');
  else set(reader, flag, spelled, nextWord(reader, flag, spelled));
}

function readShort(reader: Reader, word: string): void {
  for (let letters = word.slice(1); letters !== ''; ) {
    const letter = letters.charAt(0);
    const spelled = `-${letter}`;
    const flag = reader.known.find((one) => one.short?.includes(letter));
    if (flag === undefined) throw unknown(reader, word, spelled);
    letters = letters.slice(1);
    if (flag.kind === 'key-or-bool' && readKey(reader, letters, spelled)) return;
    if (letters.startsWith('=')) {
      set(reader, flag, spelled, letters.slice(1));
      return;
    }
    if (isSwitch(flag)) {
      set(reader, flag, spelled, 'true');
      continue;
    }
    set(reader, flag, spelled, letters === '' ? nextWord(reader, flag, spelled) : letters);
    return;
  }
}

/** `exec -i X`: X with a `/` is a key file, else `-i` is Docker's switch (CLI rule 5). True if a key was read. */
function readKey(reader: Reader, letters: string, spelled: string): boolean {
  const identity = reader.known.find((flag) => flag.long === 'identity');
  if (identity === undefined) return false;
  if (letters.includes('/')) {
    set(reader, identity, spelled, letters.startsWith('=') ? letters.slice(1) : letters);
    return true;
  }
  const next = reader.rest[0];
  if (letters !== '' || next === undefined || next.startsWith('-') || !next.includes('/')) return false;
  set(reader, identity, spelled, nextWord(reader, identity, spelled));
  return true;
}

function isSwitch(flag: FlagSpec): boolean {
  return flag.kind === 'bool' || flag.kind === 'optional' || flag.kind === 'key-or-bool';
}

function nextWord(reader: Reader, flag: FlagSpec, spelled: string): string {
  const word = reader.rest.shift();
  if (word === undefined) throw usage(`${spelled} needs a value: ${flag.value ?? 'VALUE'}`);
  if (reader.rest.length === 0) reader.taken = { spelled, word };
  return word;
}

function set(reader: Reader, flag: FlagSpec, spelled: string, value: string): void {
  reader.values.set(flag, checkValue(flag, spelled, value));
}

/** `run`, `create`, `update`: what takes Docker's options for containers. */
function sizesVms(command: CommandGrammar): boolean {
  return command.flags.some(({ long }) => long === 'cpus');
}

function unknown(reader: Reader, word: string, spelled: string): Error {
  const { command, operands } = reader;
  const called = command.path[0] === 'help' ? 'ignite' : `ignite ${command.path.join(' ')}`;
  const instead = sizesVms(command) ? insteadOfFlag(spelled) : '';
  const forGuest = atGuest(reader) && !word.startsWith('--'); // `run --entrypoint sh IMAGE -c ls`
  if (instead !== '' && !forGuest) return usage(`${spelled} is no option of ${called}; ${instead}`);
  if (atGuest(reader)) {
    const line = [called, ...operands, '--', word, ...reader.rest].join(' ');
    return usage(
      `${spelled} is no option of ${called}; if it is for the guest, put -- before it: ${line.slice(0, 200)}`,
    );
  }
  const longs = reader.known.flatMap((flag) => [flag.long, ...(flag.also ?? [])]);
  const hint = spelled.startsWith('--') ? didYouMean(spelled.slice(2), longs, '--') : '';
  return usage(`${spelled} is no option of ${called}${hint}`);
}
