// Finding an object by what a person typed: exact UID, exact name, unique UID prefix, unique name prefix (CLI rule 10).
import { IgniteError } from '../errors/error.ts';

export interface Named {
  readonly uid: string;
  readonly name: string;
}

/** Removing verbs take no name prefix: `rm web` must not remove `web1`. */
export type MatchRule = 'prefixes' | 'no-name-prefix';

/**
 * The one object a word means; undefined for none. An empty word matches nothing.
 * @throws IgniteError `api/ambiguous` naming what matched
 */
export function matchObject<T extends Named>(
  items: readonly T[],
  word: string,
  rule: MatchRule = 'prefixes',
): T | undefined {
  if (word === '') return undefined;
  const tests: ((item: T) => boolean)[] = [
    (item) => item.uid === word,
    (item) => item.name === word,
    (item) => item.uid.startsWith(word),
  ];
  if (rule === 'prefixes') tests.push((item) => item.name.startsWith(word));
  for (const test of tests) {
    const found = items.filter(test);
    if (found.length > 1) throw ambiguous(word, found);
    if (found[0] !== undefined) return found[0];
  }
  return undefined;
}

function ambiguous(word: string, found: readonly Named[]): IgniteError {
  const matches = found.map((item) => `${item.name} (${item.uid})`);
  const shown = matches.slice(0, 5).join(', ') + (matches.length > 5 ? ', …' : '');
  return new IgniteError('api/ambiguous', `"${word}" matches ${found.length} objects: ${shown}`, {
    details: { matches },
  });
}
