// The values of a command's flags as read from argv, by the flag's canonical long name.
import type { FlagSpec } from './grammar.ts';

/** Read-only view of what the user typed. Asking for a flag the command does not have is a mistake of ours. */
export interface FlagValues {
  has(long: string): boolean;
  /** False where the flag was not given. */
  bool(long: string): boolean;
  string(long: string): string | undefined;
  int(long: string): number | undefined;
  /** All values in order, comma-split where the flag says so. */
  list(long: string): readonly string[];
}

/** Collects values while argv is read. */
export interface FlagCollector extends FlagValues {
  set(flag: FlagSpec, value: string): void;
}

/** An empty set of values. */
export function collectFlags(): FlagCollector {
  const values = new Map<string, string[]>();
  const last = (long: string) => values.get(long)?.at(-1);
  return {
    set(flag, value) {
      const before = flag.kind === 'list' ? (values.get(flag.long) ?? []) : [];
      values.set(flag.long, [...before, ...pieces(flag, value)]);
    },
    has: (long) => values.has(long),
    bool: (long) => last(long) === 'true',
    string: last,
    int: (long) => (values.has(long) ? Number(last(long)) : undefined),
    list: (long) => values.get(long) ?? [],
  };
}

/** Splits a list value at commas, but only where the next piece is an element too (CLI rule 1). */
function pieces(flag: FlagSpec, value: string): string[] {
  const { element } = flag;
  if (flag.kind !== 'list' || element === undefined) return [value];
  const found: string[] = [];
  for (const piece of value.split(',')) {
    const open = found.at(-1);
    if (open === undefined || element.test(piece)) found.push(piece);
    else found[found.length - 1] = `${open},${piece}`;
  }
  return found;
}
