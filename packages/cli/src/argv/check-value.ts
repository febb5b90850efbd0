// Checks one flag value as it is read, so that the error for a bad one names the flag.
import { formatSize, parseSize } from '@ignite/api/sizes';
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
      return checkNumber(flag, spelled, value);
    case 'size':
      return checkSize(flag, spelled, value);
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

function checkNumber({ range }: FlagSpec, spelled: string, value: string): string {
  const between = range === undefined ? '' : ` from ${range[0]} to ${range[1]}`;
  if (/^\d{1,15}$/.test(value) && isWithin(Number(value), range)) return value;
  throw usage(`${spelled} takes a whole number${between}, not "${value}"`);
}

function checkSize({ range }: FlagSpec, spelled: string, value: string): string {
  const between = range === undefined ? '' : ` from ${formatSize(range[0])} to ${formatSize(range[1])}`;
  const message = `${spelled} takes a size${between} such as 512MB or 4GB, not "${value}"`;
  if (isWithin(sizeOf(value, message), range)) return value;
  // Docker's numbers without a unit are bytes, too, and are rarely meant so.
  const bytes = /^[1-9]\d*$/.test(value) ? '; without a unit it is bytes' : '';
  throw usage(`${message}${bytes}`);
}

function sizeOf(value: string, message: string): number {
  try {
    return parseSize(value);
  } catch (cause) {
    throw usage(message, cause);
  }
}

function isWithin(value: number, range: FlagSpec['range']): boolean {
  return range === undefined || (value >= range[0] && value <= range[1]);
}
