// Parser of the WWW-Authenticate field (RFC 9110, section 11.6.1). Challenges are separated by commas, and so are their
// parameters: only what follows a token says whether it is a scheme or a parameter.

export interface Challenge {
  /** Lower case: schemes are compared without case. */
  readonly scheme: string;
  /** Names in lower case; the first of repeated names counts. */
  readonly params: ReadonlyMap<string, string>;
  /** The token68 form (`Negotiate YWJj==`), where that was used instead of parameters. */
  readonly token68?: string;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const BLANKS = /[ \t]*/y;
const COMMAS = /[ \t,]*/y;
const LIMIT = 16 << 10;

/** All challenges of the field's value. What breaks the grammar ends the parse: the challenges before it count. */
export function parseChallenges(value: string): readonly Challenge[] {
  const cursor = { text: value.slice(0, LIMIT), at: 0 };
  const challenges: Challenge[] = [];
  for (;;) {
    take(cursor, COMMAS);
    const scheme = take(cursor, TOKEN);
    if (scheme === '') return challenges;
    const blanks = take(cursor, BLANKS);
    const token68 = blanks === '' ? '' : take(cursor, TOKEN68);
    const params = token68 === '' ? readParams(cursor) : new Map<string, string>();
    challenges.push({ scheme: scheme.toLowerCase(), params, ...(token68 === '' ? {} : { token68 }) });
  }
}

interface Cursor {
  readonly text: string;
  at: number;
}

function readParams(cursor: Cursor): Map<string, string> {
  const params = new Map<string, string>();
  for (;;) {
    const start = cursor.at;
    take(cursor, COMMAS);
    const name = take(cursor, TOKEN).toLowerCase();
    take(cursor, BLANKS);
    if (name === '' || cursor.text[cursor.at] !== '=') {
      cursor.at = start; // a scheme, or the end
      return params;
    }
    cursor.at += 1;
    take(cursor, BLANKS);
    const value = cursor.text[cursor.at] === '"' ? quotedString(cursor) : take(cursor, TOKEN);
    if (value === undefined) {
      cursor.at = cursor.text.length;
      return params;
    }
    if (!params.has(name)) params.set(name, value);
  }
}

function quotedString(cursor: Cursor): string | undefined {
  let value = '';
  for (let i = cursor.at + 1; i < cursor.text.length; i += 1) {
    const char = cursor.text[i];
    if (char === '"') {
      cursor.at = i + 1;
      return value;
    }
    if (char === '\\') i += 1;
    value += cursor.text[i] ?? '';
  }
  return undefined;
}

function take(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0] ?? '';
  cursor.at += found.length;
  return found;
}
