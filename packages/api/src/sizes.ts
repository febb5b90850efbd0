// Sizes as people write them and as the original printed them: all units are powers of 1024 (API-T01).
import { IgniteError } from './errors/error.ts';

/** Which words are units: `original` is the grammar of Weave Ignite, `extended` also knows KiB, MiB, GiB, … */
export type SizeDialect = 'original' | 'extended';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

const WORDS: ReadonlyMap<string, number> = new Map(
  [
    ['', 'b', 'byte'],
    ['k', 'kb', 'kilo', 'kilobyte', 'kilobytes'],
    ['m', 'mb', 'mega', 'megabyte', 'megabytes'],
    ['g', 'gb', 'giga', 'gigabyte', 'gigabytes'],
    ['t', 'tb', 'tera', 'terabyte', 'terabytes'],
    ['p', 'pb', 'peta', 'petabyte', 'petabytes'],
    ['e', 'eb'],
  ].flatMap((words, power) => words.map((word) => [word, power] as const)),
);

const EXTENDED_WORDS: ReadonlyMap<string, number> = new Map(
  [
    ['bytes'],
    ['ki', 'kib'],
    ['mi', 'mib'],
    ['gi', 'gib'],
    ['ti', 'tib'],
    ['pi', 'pib'],
    ['ei', 'eib'],
  ].flatMap((words, power) => words.map((word) => [word, power] as const)),
);

/** These exact spellings mean bits and were refused by the original, too. */
const BITS = new Set(['Kb', 'Mb', 'Gb', 'Tb', 'Pb', 'Eb']);

/**
 * Reads a size: digits, blanks, a unit. No sign, no fraction.
 * @returns bytes, at most 2^53-1
 * @throws IgniteError `api/invalid-size`
 */
export function parseSize(text: string, dialect: SizeDialect = 'extended'): number {
  const match = /^([0-9]{1,20})[ \t]*([a-zA-Z]*)[ \t]*$/.exec(text);
  if (match === null) throw invalid(text, 'is not a whole number with a unit');
  const [, digits = '', unit = ''] = match;
  if (BITS.has(unit)) throw invalid(text, `means bits; write ${unit.toUpperCase()} for bytes`);
  const word = unit.toLowerCase();
  const power = WORDS.get(word) ?? (dialect === 'extended' ? EXTENDED_WORDS.get(word) : undefined);
  if (power === undefined) throw invalid(text, `has the unknown unit "${unit}"`);
  const bytes = BigInt(digits) << BigInt(10 * power);
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(text, 'is too large');
  return Number(bytes);
}

/** The serialised form: the largest unit that divides exactly, `0B`, `1500MB`, `275342KB` (API-T01). */
export function formatSize(bytes: number): string {
  let value = BigInt(bytes);
  let power = 0;
  while (value !== 0n && value % 1024n === 0n && power < UNITS.length - 1) {
    value /= 1024n;
    power += 1;
  }
  return `${value}${UNITS[power]}`;
}

/**
 * The form of tables and templates: one decimal; a unit is used only by what is strictly greater than it, so
 * 1 GiB reads `1024.0 MB` and zero `0 B` (API-T01). Halves go to the even digit, as Go's %.1f does.
 */
export function displaySize(bytes: number): string {
  const value = BigInt(bytes);
  let power = 0;
  while (power < UNITS.length - 1 && value > 1n << BigInt(10 * (power + 1))) power += 1;
  if (power === 0) return `${value} B`;
  const unit = 1n << BigInt(10 * power);
  const tenths = roundHalfEven(value * 10n, unit);
  return `${tenths / 10n}.${tenths % 10n} ${UNITS[power]}`;
}

function roundHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

function invalid(text: string, why: string): IgniteError {
  return new IgniteError('api/invalid-size', `The size "${text.slice(0, 80)}" ${why}`);
}
