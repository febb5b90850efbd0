// From a path in an object to line and column in the YAML or JSON text it was read from.
import { type Document, isMap, isNode, isPair, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Place of the value at `path`, or of the deepest part of it that is there; `key`: of a key in that value. */
export function positionOf(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
  key?: string,
): Position {
  let node: Node | null = isNode(document.contents) ? document.contents : null;
  let place = offsetOf(node);
  for (const part of path) {
    const next = child(node, part);
    if (next === undefined) return at(lines, place);
    place = next.place;
    node = next.node;
  }
  const found = key === undefined ? undefined : pairOf(node, key);
  return at(lines, isNode(found?.key) ? offsetOf(found.key) : place);
}

function child(
  node: Node | null,
  part: PropertyKey,
): { readonly node: Node | null; readonly place: number } | undefined {
  if (isSeq(node) && typeof part === 'number') {
    const item = node.items[part];
    return isNode(item) ? { node: item, place: offsetOf(item) } : undefined;
  }
  const pair = pairOf(node, String(part));
  if (pair === undefined) return undefined;
  const value = isNode(pair.value) ? pair.value : null;
  // A map or list is best found by its key, a plain value by itself.
  const shown = isScalar(value) ? value : isNode(pair.key) ? pair.key : value;
  return { node: value, place: offsetOf(shown) };
}

function pairOf(node: Node | null, key: string) {
  if (!isMap(node)) return undefined;
  return node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
}

function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function at(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
