// Flags as help texts show them.
import type { FlagSpec } from '../argv/index.ts';
import { twoColumns } from './wrap.ts';

const MAX_LEFT = 34;

/** Flags that help lists. */
export function shownFlags(flags: readonly FlagSpec[]): readonly FlagSpec[] {
  return flags.filter((flag) => flag.hidden !== true);
}

/** `-k, --kernel-image KERNEL` with its other spellings. */
export function flagSpelling(flag: FlagSpec): string {
  const shorts = [...(flag.short ?? '')].map((letter) => `-${letter}`);
  const longs = [flag.long, ...(flag.also ?? [])].map((long) => `--${long}`);
  const value =
    flag.value === undefined ? '' : flag.kind === 'optional' ? `[=${flag.value}]` : ` ${flag.value}`;
  return `${[...shorts, ...longs].join(', ')}${value}`;
}

/** What a flag does, its choices and what holds without it. */
export function flagMeaning(flag: FlagSpec): string {
  const choices =
    flag.choices === undefined
      ? ''
      : ` (${[...new Set(flag.choices.map((one) => one.toLowerCase()))].join(', ')})`;
  const fallback = flag.fallback === undefined ? '' : ` [${flag.fallback}]`;
  const many = flag.kind === 'list' ? '; may be repeated' : '';
  return `${flag.help}${choices}${many}${fallback}`;
}

/**
 * Two columns, sorted by long name.
 * @param width most characters of a line
 */
export function flagTable(flags: readonly FlagSpec[], width: number): readonly string[] {
  const sorted = [...flags].sort((a, b) => (a.long < b.long ? -1 : 1));
  const rows = sorted.map((flag) => ({
    left: `${flag.short === undefined ? '    ' : ''}${flagSpelling(flag)}`,
    right: flagMeaning(flag),
  }));
  const longest = Math.max(0, ...rows.map((row) => row.left.length));
  const leftWidth = Math.min(MAX_LEFT, Math.floor(width / 3), longest);
  return rows.flatMap(({ left, right }) => twoColumns(left, right, leftWidth, width));
}
