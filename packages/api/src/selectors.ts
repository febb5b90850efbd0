// Label selectors as people know them from kubectl: `a=b,c!=d,e,!f,g in (h,i),j notin (k)`; all must hold.
import { IgniteError } from './errors/error.ts';
import type { Labels } from './labels.ts';

export interface SelectorTerm {
  readonly key: string;
  /** `in` and `notin` look at values; `exists` and `absent` at the key alone. */
  readonly how: 'in' | 'notin' | 'exists' | 'absent';
  readonly values: readonly string[];
}

export type Selector = readonly SelectorTerm[];

const KEY = '[A-Za-z0-9][A-Za-z0-9_./-]*';
const VALUE = '[^,()=!\\s\'"]*';
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EQUAL = new RegExp(`^(${KEY})\\s*(==?|!=)\\s*(${VALUE})$`);
const ALONE = new RegExp(`^(!?)\\s*(${KEY})$`);

/** @throws IgniteError `api/invalid-selector` */
export function parseSelector(text: string): Selector {
  return splitTerms(text).map((term) => parseTerm(term, text));
}

/** Whether labels fit. A label that is not there is not equal to anything. */
export function matchesSelector(selector: Selector, labels: Labels = {}): boolean {
  return selector.every(({ key, how, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (how) {
      case 'exists':
        return value !== undefined;
      case 'absent':
        return value === undefined;
      case 'in':
        return value !== undefined && values.includes(value);
      case 'notin':
        return value === undefined || !values.includes(value);
    }
  });
}

/** At commas outside of brackets. */
function splitTerms(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/).map((term) => term.trim());
}

function parseTerm(term: string, whole: string): SelectorTerm {
  const set = SET.exec(term);
  if (set?.[1] !== undefined)
    return {
      key: set[1],
      how: set[2] === 'in' ? 'in' : 'notin',
      values: (set[3] ?? '').split(',').map((value) => value.trim()),
    };
  const equal = EQUAL.exec(term);
  if (equal?.[1] !== undefined)
    return { key: equal[1], how: equal[2] === '!=' ? 'notin' : 'in', values: [equal[3] ?? ''] };
  const alone = ALONE.exec(term);
  if (alone?.[2] !== undefined)
    return { key: alone[2], how: alone[1] === '!' ? 'absent' : 'exists', values: [] };
  throw new IgniteError(
    'api/invalid-selector',
    `"${term.slice(0, 80)}"${term === whole ? '' : ` in "${whole.slice(0, 200)}"`} is no selector`,
  );
}
