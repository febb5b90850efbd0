// Checks one flag value as it is read, so that a slip is told with the flag's own name.
import { parseSize } from '@ignite/api/sizes';
import { usage } from '../usage-error.ts';
import type { FlagSpec } from './grammar.ts';

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/**
 * The normalised form of a value: booleans become `true` or `false`.
 * @param spelled the flag as the user wrote it, for the message
 * @throws IgniteError `cli/usage`
 */
export function checkValue(flag: FlagSpec, spelled: string, value: string): string {
  refuse(flag, spelled, value);
  switch (flag.kind) {
    case 'bool':
    case 'key-or-bool':
      return checkBool(spelled, value);
    case 'int':
      if (!/^\d{1,15}$/.test(value)) throw usage(`${spelled} takes a whole number, not "${value}"`);
      return value;
    case 'size':
      return checkSize(spelled, value);
    default:
      if (flag.choices !== undefined && !flag.choices.includes(value))
        throw usage(`${spelled} takes one of ${flag.choices.join(', ')}, not "${value}"`);
      return value;
  }
}

function refuse(flag: FlagSpec, spelled: string, value: string): void {
  const { refused } = flag;
  if (refused === undefined || FALSE.has(value)) return;
  if (refused.when !== undefined && !refused.when.test(value)) return;
  const shown = flag.kind === 'bool' ? spelled : `${spelled} ${value}`;
  throw usage(`${shown} is refused: ${refused.reason}`);
}

function checkBool(spelled: string, value: string): string {
  if (TRUE.has(value)) return 'true';
  if (FALSE.has(value)) return 'false';
  throw usage(`${spelled} is true or false, not "${value}"`);
}

function checkSize(spelled: string, value: string): string {
  try {
    parseSize(value);
    return value;
  } catch (cause) {
    throw usage(`${spelled} takes a size such as 512MB or 4GB, not "${value}"`, cause);
  }
}
