// Cuts a template into text and tokens by the grammar of Go's text/template (pkg.go.dev/text/template).
import { templateError } from './error.ts';

export type TokenKind =
  | 'word' // a function or keyword
  | 'field' // .Name
  | 'variable' // $x, $
  | 'dot'
  | 'string'
  | 'number'
  | 'char'
  | 'symbol'; // | ( ) := = ,

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Blanks stood before it: `.A .B` are two operands, `.A.B` is one. */
  readonly spaced: boolean;
}

/** A piece of a template: plain text, or the tokens between `{{` and `}}`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly source: string };

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\.)+'/y],
  [
    'number',
    /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)/y,
  ],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['symbol', /:=|[|()=,]/y],
  ['dot', /\./y],
];

/**
 * Pieces of a template, with `{{-` and `-}}` applied and comments left out.
 * @throws IgniteError `cli/template`
 */
export function lex(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  while (at <= template.length) {
    const open = template.indexOf('{{', at);
    const action = open === -1 ? undefined : readAction(template, open);
    let text = template.slice(at, open === -1 ? undefined : open);
    if (trimNext) text = text.trimStart();
    if (action?.trimBefore) text = text.trimEnd();
    if (text !== '') pieces.push({ kind: 'text', text });
    if (action === undefined) break;
    if (action.tokens !== undefined)
      pieces.push({ kind: 'action', tokens: action.tokens, source: action.source });
    trimNext = action.trimAfter;
    at = action.end;
  }
  return pieces;
}

interface Action {
  /** Undefined for a comment. */
  readonly tokens: readonly Token[] | undefined;
  readonly source: string;
  readonly end: number;
  readonly trimBefore: boolean;
  readonly trimAfter: boolean;
}

function readAction(template: string, open: number): Action {
  let at = open + 2;
  const trimBefore = /^-\s/.test(template.slice(at, at + 2));
  if (trimBefore) at += 1;
  const comment = /^\s*\/\*[\s\S]*?\*\/(\s-)?\s*\}\}/.exec(template.slice(at));
  if (comment !== null) {
    const end = at + comment[0].length;
    return { tokens: undefined, source: '', end, trimBefore, trimAfter: comment[1] !== undefined };
  }
  const tokens: Token[] = [];
  for (;;) {
    const blanks = /\s*/y;
    blanks.lastIndex = at;
    const spaced = (blanks.exec(template)?.[0].length ?? 0) > 0;
    at = spaced ? blanks.lastIndex : at;
    const close = /^(?:-\}\}|\}\})/.exec(template.slice(at, at + 3))?.[0];
    if (close === '}}' || (close === '-}}' && spaced)) {
      const end = at + close.length;
      return { tokens, source: template.slice(open, end), end, trimBefore, trimAfter: close === '-}}' };
    }
    if (at >= template.length) throw templateError(`"${template.slice(open, open + 40)}" has no }}`);
    const token = nextToken(template, at, spaced);
    tokens.push(token);
    at += token.text.length;
  }
}

function nextToken(template: string, at: number, spaced: boolean): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(template)?.[0];
    if (match !== undefined && match !== '') return { kind, text: match, spaced };
  }
  throw templateError(
    `"${template.charAt(at)}" has no meaning in a template, before "${template.slice(at + 1, at + 20)}"`,
  );
}
