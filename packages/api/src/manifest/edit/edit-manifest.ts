// Sets single fields of one object in the text of a manifest. Every byte that is not the field's stays: comments, order,
// quotes, indentation. What cannot be changed alone (an anchor that others use) is refused.
import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, LineCounter, type YAMLMap } from 'yaml';
import { IgniteError } from '../../errors/error.ts';
import { positionOf } from '../positions.ts';
import { readDocuments } from '../read-documents.ts';
import { flowText, insertPair, rangeOf, type Splice } from './insert-pair.ts';

/** A field of an object and what it is to be, as plain JSON. */
export interface FieldEdit {
  /** `['spec', 'cpus']` */
  readonly path: readonly [string, ...string[]];
  readonly value: unknown;
}

/**
 * The text with the fields set, in the object that begins at a line (`origin.line` of parseManifest).
 * @throws IgniteError `api/cannot-edit`
 */
export function editManifest(text: string, line: number, edits: readonly FieldEdit[]): string {
  return edits.reduce((before, edit) => editField(before, line, edit), text);
}

function editField(text: string, line: number, edit: FieldEdit): string {
  const { documents, index } = read(text, line);
  const document = documents[index];
  if (document === undefined || !isMap(document.contents))
    throw cannot(edit, `no object begins at line ${line}`);
  if (isDeepStrictEqual(valueAt(document, edit.path), edit.value)) return text;
  const { start, end, text: inserted } = spliceFor(text, document.contents, edit.path, edit.value);
  const edited = `${text.slice(0, start)}${inserted}${text.slice(end)}`;
  if (!onlyChanged(documents, read(edited, line).documents, index, edit))
    throw cannot(edit, 'it cannot be changed without changing something else');
  return edited;
}

function read(text: string, line: number) {
  const lines = new LineCounter();
  const documents = readDocuments(text, lines);
  const index = documents.findIndex(
    (one) => one.contents !== null && positionOf(one, lines, []).line === line,
  );
  return { documents, index };
}

/** Where the deepest map that is there gets the rest of the path. */
function spliceFor(text: string, map: YAMLMap, path: readonly string[], value: unknown): Splice {
  const [key = '', ...rest] = path;
  const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  if (pair === undefined) return insertPair(text, map, key, nested(rest, value));
  const there = pair.value;
  if (rest.length > 0 && isMap(there)) return spliceFor(text, there, rest, value);
  const [start, end] = rangeOf(there) ?? rangeAfterKey(text, pair.key);
  const quoted = isScalar(there) && there.type === 'QUOTE_DOUBLE';
  const written = flowText(nested(rest, value), quoted);
  return { start, end, text: start === end && text[start - 1] === ':' ? ` ${written}` : written };
}

/** A key without a value: behind its colon. */
function rangeAfterKey(text: string, key: unknown): readonly [number, number] {
  const colon = text.indexOf(':', rangeOf(key)?.[1] ?? 0) + 1;
  return [colon, colon];
}

/** `['a', 'b'], 1` → `{ a: { b: 1 } }` */
function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

function valueAt(document: Document, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    document.toJS(),
  );
}

/** Whether the field says what it should, and nothing else in any document says something else. */
function onlyChanged(
  before: readonly Document[],
  after: readonly Document[],
  index: number,
  { path, value }: FieldEdit,
): boolean {
  const wanted = before.map((document, at) => {
    const whole: unknown = structuredClone(document.toJS());
    if (at === index) setAt(whole, path, value);
    return whole;
  });
  return (
    after.every(({ errors }) => errors.length === 0) &&
    isDeepStrictEqual(
      after.map((document) => document.toJS() as unknown),
      wanted,
    )
  );
}

function setAt(whole: unknown, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (typeof whole !== 'object' || whole === null) return;
  const inner: unknown = Reflect.get(whole, key);
  if (rest.length > 0 && typeof inner === 'object' && inner !== null) setAt(inner, rest, value);
  else Reflect.set(whole, key, nested(rest, value));
}

function cannot({ path }: FieldEdit, why: string): IgniteError {
  return new IgniteError('api/cannot-edit', `${path.join('.')} cannot be written into the manifest: ${why}`);
}
