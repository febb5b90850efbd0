// Go's literals: strings with escapes, raw strings, characters, numbers (Go specification, "Lexical elements").
import { templateError } from './error.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

const ESCAPE =
  /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"])|([\s\S]?))/g;

/** The text of `"…"` or `` `…` ``. */
export function readString(literal: string): string {
  const inner = literal.slice(1, -1);
  return literal.startsWith('`') ? inner : unescape(inner);
}

/** The code point of `'x'`. */
export function readChar(literal: string): number {
  const text = unescape(literal.slice(1, -1));
  const code = text.codePointAt(0);
  if (code === undefined || [...text].length !== 1) throw templateError(`${literal} is not one character`);
  return code;
}

/** An integer or a floating point number. */
export function readNumber(literal: string): number {
  const text = literal.replaceAll('_', '').replace(/^\+/, '');
  const value = text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
  if (Number.isNaN(value)) throw templateError(`${literal} is no number`);
  return value;
}

function unescape(text: string): string {
  return text.replace(
    ESCAPE,
    (whole, x?: string, u?: string, big?: string, octal?: string, simple?: string) => {
      const hex = x ?? u ?? big;
      const code =
        hex !== undefined ? Number.parseInt(hex, 16) : octal !== undefined ? Number.parseInt(octal, 8) : -1;
      if (code > 0x10ffff) throw templateError(`${whole} is no character`);
      if (code >= 0) return String.fromCodePoint(code);
      const found = simple === undefined ? undefined : SIMPLE[simple];
      if (found === undefined) throw templateError(`${whole} is no escape`);
      return found;
    },
  );
}
