// From tokens to a tree: actions, pipelines, if, with, range. `define`, `block` and `template` are refused by name.
import type { Command, Node, Operand, Pipe } from './ast.ts';
import { templateError } from './error.ts';
import { lex, type Piece, type Token } from './lexer.ts';
import { readChar, readNumber, readString } from './literals.ts';

/** Depth of nesting that is enough for any template and too little to exhaust the stack. */
const MAX_DEPTH = 100;

/** What is still to be read. */
interface Reader {
  readonly pieces: Piece[];
}

interface Words {
  readonly tokens: Token[];
  readonly source: string;
}

/**
 * The tree of a template.
 * @throws IgniteError `cli/template`
 */
export function parseTemplate(template: string): readonly Node[] {
  const reader: Reader = { pieces: [...lex(template)] };
  const { nodes, end } = parseList(reader, 0, false);
  if (end !== undefined) throw templateError(`{{${end}}} closes nothing`);
  return nodes;
}

/** Nodes up to `{{end}}` or `{{else …}}`, whose tokens after the word are left in `rest`. */
function parseList(
  reader: Reader,
  depth: number,
  looping: boolean,
): { nodes: readonly Node[]; end?: 'end' | 'else'; rest?: Words } {
  if (depth > MAX_DEPTH) throw templateError('it is nested too deeply');
  const nodes: Node[] = [];
  for (let piece = reader.pieces.shift(); piece !== undefined; piece = reader.pieces.shift()) {
    if (piece.kind === 'text') {
      nodes.push(piece);
      continue;
    }
    const words: Words = { tokens: [...piece.tokens], source: piece.source };
    const first = words.tokens[0];
    if (first?.kind === 'word' && (first.text === 'end' || first.text === 'else')) {
      words.tokens.shift();
      return { nodes, end: first.text, rest: words };
    }
    nodes.push(parseAction(reader, words, depth, looping));
  }
  return { nodes };
}

function parseAction(reader: Reader, words: Words, depth: number, looping: boolean): Node {
  const first = words.tokens[0];
  const word = first?.kind === 'word' ? first.text : '';
  if (word === 'if' || word === 'range' || word === 'with') {
    words.tokens.shift();
    return parseBlock(reader, words, word, depth, looping || word === 'range');
  }
  if (word === 'break' || word === 'continue') {
    if (!looping) throw templateError(`{{${word}}} stands outside of range`);
    return { kind: word };
  }
  if (word === 'define' || word === 'block' || word === 'template')
    throw templateError(`{{${word}}} is not supported: a template here has one part`);
  return { kind: 'action', pipe: wholePipe(words) };
}

function parseBlock(
  reader: Reader,
  words: Words,
  kind: 'if' | 'range' | 'with',
  depth: number,
  looping: boolean,
): Node {
  const pipe = wholePipe(words);
  const body = parseList(reader, depth + 1, looping);
  if (body.end === undefined) throw templateError(`${words.source} has no {{end}}`);
  if (body.end === 'end') return { kind, pipe, then: body.nodes, other: [] };
  return { kind, pipe, then: body.nodes, other: parseElse(reader, body.rest ?? words, kind, depth, looping) };
}

/** `{{else}}…{{end}}`, or `{{else if …}}`, which shares the `{{end}}` of the outer. */
function parseElse(
  reader: Reader,
  rest: Words,
  kind: 'if' | 'range' | 'with',
  depth: number,
  looping: boolean,
): readonly Node[] {
  const next = rest.tokens.shift();
  if (next !== undefined) {
    if (next.text !== kind || kind === 'range') throw templateError(`${rest.source} has no meaning here`);
    return [parseBlock(reader, rest, kind, depth + 1, looping)];
  }
  const other = parseList(reader, depth + 1, looping);
  if (other.end !== 'end') throw templateError(`${rest.source} has no {{end}}`);
  return other.nodes;
}

function wholePipe(words: Words): Pipe {
  const pipe = parsePipe(words, 0);
  const extra = words.tokens[0];
  if (extra !== undefined) throw templateError(`"${extra.text}" is too much in ${words.source}`);
  return pipe;
}

function parsePipe(words: Words, depth: number): Pipe {
  if (depth > MAX_DEPTH) throw templateError('it is nested too deeply');
  const { sets, declares } = parseSets(words.tokens);
  const commands: Command[] = [];
  do {
    const command = parseCommand(words, depth);
    if (command.length === 0) throw templateError(`a value is missing in ${words.source}`);
    commands.push(command);
  } while (takeSymbol(words.tokens, '|'));
  return { sets, declares, commands };
}

/** `$x :=`, `$i, $v :=` or `$x =` at the begin. */
function parseSets(tokens: Token[]): { sets: readonly string[]; declares: boolean } {
  const [first, second, third, fourth] = tokens;
  if (first?.kind !== 'variable') return { sets: [], declares: false };
  if (second?.text === ':=' || second?.text === '=') {
    tokens.splice(0, 2);
    return { sets: [first.text], declares: second.text === ':=' };
  }
  if (second?.text === ',' && third?.kind === 'variable' && (fourth?.text === ':=' || fourth?.text === '=')) {
    tokens.splice(0, 4);
    return { sets: [first.text, third.text], declares: fourth.text === ':=' };
  }
  return { sets: [], declares: false };
}

function parseCommand(words: Words, depth: number): Command {
  const operands: Operand[] = [];
  for (;;) {
    const token = words.tokens[0];
    if (token === undefined || (token.kind === 'symbol' && token.text !== '(')) return operands;
    words.tokens.shift();
    operands.push(parseOperand(words, token, depth));
  }
}

function parseOperand(words: Words, token: Token, depth: number): Operand {
  const after = (): readonly string[] => {
    const fields: string[] = [];
    while (words.tokens[0]?.kind === 'field' && !words.tokens[0].spaced)
      fields.push(words.tokens.shift()?.text.slice(1) ?? '');
    return fields;
  };
  switch (token.kind) {
    case 'dot':
      return { base: { kind: 'dot' }, fields: [] };
    case 'field':
      return { base: { kind: 'dot' }, fields: [token.text.slice(1), ...after()] };
    case 'variable':
      return { base: { kind: 'variable', name: token.text }, fields: after() };
    case 'string':
      return { base: { kind: 'literal', value: readString(token.text) }, fields: [] };
    case 'char':
      return { base: { kind: 'literal', value: readChar(token.text) }, fields: [] };
    case 'number':
      return { base: { kind: 'literal', value: readNumber(token.text) }, fields: [] };
    case 'word':
      return wordOperand(token.text);
    case 'symbol': {
      const pipe = parsePipe(words, depth + 1);
      if (!takeSymbol(words.tokens, ')')) throw templateError(`a ) is missing in ${words.source}`);
      return { base: { kind: 'pipe', pipe }, fields: after() };
    }
  }
}

function wordOperand(word: string): Operand {
  if (word === 'true' || word === 'false')
    return { base: { kind: 'literal', value: word === 'true' }, fields: [] };
  if (word === 'nil') return { base: { kind: 'literal', value: null }, fields: [] };
  return { base: { kind: 'call', name: word }, fields: [] };
}

function takeSymbol(tokens: Token[], text: string): boolean {
  if (tokens[0]?.kind !== 'symbol' || tokens[0].text !== text) return false;
  tokens.shift();
  return true;
}
