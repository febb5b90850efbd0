// A key and its value put into a map that lacks it, in the style of the map: a line of its own, or behind the last of a
// map in braces.
import { isScalar, stringify, type YAMLMap } from 'yaml';

/** Bytes that replace others. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A value on one line; collections as JSON, which is YAML. */
export function flowText(value: unknown, quoted = false): string {
  if (typeof value === 'object' || (quoted && typeof value === 'string')) return JSON.stringify(value);
  const text = stringify(value, { lineWidth: 0 }).trimEnd();
  return text.includes('\n') ? JSON.stringify(value) : text;
}

/** The splice of `text` that adds the pair at the end of `map`, which must lack the key. */
export function insertPair(text: string, map: YAMLMap, key: string, value: unknown): Splice {
  const last = map.items.at(-1);
  if (map.flow === true || last === undefined) return intoBraces(text, map, key, value);
  const pair = `${' '.repeat(columnOf(text, startOf(last.key)))}${key}: ${flowText(value)}`;
  const end = endOf(last.value) ?? endOf(last.key) ?? 0;
  if (text[end - 1] === '\n') return at(end, `${pair}\n`); // a block that brought its own line's end
  const newline = text.indexOf('\n', end);
  return newline < 0 ? at(text.length, `\n${pair}\n`) : at(newline, `\n${pair}`);
}

/** Quoted where the neighbour is; on a line of its own where the neighbour has one. */
function intoBraces(text: string, map: YAMLMap, key: string, value: unknown): Splice {
  const last = map.items.at(-1);
  const [start = 0, end = 0] = map.range ?? [];
  const json =
    last === undefined
      ? text.trimStart().startsWith('{')
      : isScalar(last.key) && last.key.type === 'QUOTE_DOUBLE';
  const pair = json ? `${JSON.stringify(key)}: ${JSON.stringify(value)}` : `${key}: ${flowText(value)}`;
  if (last === undefined) return { start, end, text: `{${pair}}` };
  const after = endOf(last.value) ?? endOf(last.key) ?? end;
  const column = columnOf(text, startOf(last.key));
  const own = text.slice(startOf(last.key) - column, startOf(last.key)).trim() === '';
  return at(after, own ? `,\n${' '.repeat(column)}${pair}` : `, ${pair}`);
}

function at(offset: number, text: string): Splice {
  return { start: offset, end: offset, text };
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function startOf(node: unknown): number {
  return rangeOf(node)?.[0] ?? 0;
}

function endOf(node: unknown): number | undefined {
  return rangeOf(node)?.[1];
}

/** Where a node's value begins and ends in the text. */
export function rangeOf(node: unknown): readonly [number, number] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const { range } = node;
  return Array.isArray(range) ? [Number(range[0]), Number(range[1])] : undefined;
}
