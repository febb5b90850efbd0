// The functions of templates: Go's own, and Docker's (json, join, lower, upper, title, split, println, pad, truncate).
import { templateError } from './error.ts';
import { printf } from './printf.ts';
import {
  FIELDS,
  goPrint,
  type GoValue,
  isList,
  isMap,
  isPrinted,
  isStruct,
  PRINT,
  RAW,
  toJson,
} from './values.ts';

/** A function of templates. Arguments of `and` and `or` are already evaluated where they are reached. */
export type GoFunction = (...args: readonly GoValue[]) => GoValue;

/** All functions by name; `and` and `or` are the evaluator's, as they stop early. */
export const functions: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  ['not', (value) => !truthOf(value)],
  ['eq', (first, ...others) => others.some((other) => same(first, other))],
  ['ne', (a, b) => !same(a, b)],
  ['lt', (a, b) => compare(a, b) < 0],
  ['le', (a, b) => compare(a, b) <= 0],
  ['gt', (a, b) => compare(a, b) > 0],
  ['ge', (a, b) => compare(a, b) >= 0],
  ['len', length],
  ['index', (value, ...keys) => keys.reduce<GoValue>(indexOne, value)],
  ['slice', slice],
  ['print', (...args) => args.map(goPrint).join('')],
  ['println', (...args) => `${args.map(goPrint).join(' ')}\n`],
  ['printf', (format, ...args) => printf(goPrint(format), args)],
  ['json', (value) => JSON.stringify(toJson(value))],
  ['join', (list, separator) => elements(list).map(goPrint).join(goPrint(separator))],
  ['split', (text, separator) => goPrint(text).split(goPrint(separator))],
  ['lower', (text) => goPrint(text).toLowerCase()],
  ['upper', (text) => goPrint(text).toUpperCase()],
  ['title', (text) => goPrint(text).replace(/(^|\s)(\p{Ll})/gu, (found) => found.toUpperCase())],
  [
    'pad',
    (text, before, after) =>
      text === '' ? '' : ' '.repeat(count(before)) + goPrint(text) + ' '.repeat(count(after)),
  ],
  ['truncate', (text, size) => goPrint(text).slice(0, count(size))],
  ['urlquery', (...args) => encodeURIComponent(args.map(goPrint).join('')).replaceAll('%20', '+')],
  ['html', (...args) => escapeHtml(args.map(goPrint).join(''))],
  ['js', (...args) => JSON.stringify(args.map(goPrint).join('')).slice(1, -1)],
]);

/** Go's truth of a value. */
export function truthOf(value: GoValue): boolean {
  if (isPrinted(value)) return Boolean(value[RAW] ?? value[PRINT]);
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return isStruct(value) || Boolean(value);
}

function basic(value: GoValue): GoValue {
  if (isPrinted(value)) return value[RAW] ?? value[PRINT];
  return typeof value === 'bigint' ? Number(value) : value;
}

/** A value with a printed form equals that form, and what lies below it. */
function same(a: GoValue, b: GoValue): boolean {
  const [left, right] = [basic(a), basic(b)];
  if (typeof left !== 'object' && typeof right !== 'object' && typeof left === typeof right)
    return left === right;
  if ((left ?? null) === null || (right ?? null) === null) return (left ?? null) === (right ?? null);
  if (isPrinted(a) || isPrinted(b)) return goPrint(a) === goPrint(b);
  throw templateError(`${goPrint(a)} and ${goPrint(b)} are of kinds that cannot be compared`);
}

function compare(a: GoValue, b: GoValue): number {
  const [left, right] = [basic(a), basic(b)];
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  throw templateError(`${goPrint(a)} and ${goPrint(b)} have no order`);
}

function length(value: GoValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (isList(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  if (isPrinted(value)) return Buffer.byteLength(value[PRINT]);
  throw templateError(`${goPrint(value)} has no length`);
}

function indexOne(value: GoValue, key: GoValue): GoValue {
  if (isList(value)) {
    if (typeof key !== 'number') throw templateError(`${goPrint(key)} is no index of a list`);
    if (key < 0 || key >= value.length) throw templateError(`the index ${key} is out of range`);
    return value[key];
  }
  if (typeof value === 'string' && typeof key === 'number') return Buffer.from(value)[key];
  const name = goPrint(key);
  if (isMap(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  if (isStruct(value)) return value[FIELDS].get(name)?.();
  throw templateError(`${goPrint(value)} has no elements`);
}

function slice(value: GoValue, from: GoValue = 0, to?: GoValue): GoValue {
  const end = to === undefined ? undefined : count(to);
  if (typeof value === 'string') return Buffer.from(value).subarray(count(from), end).toString('utf8');
  if (isList(value)) return value.slice(count(from), end);
  throw templateError(`${goPrint(value)} cannot be sliced`);
}

function elements(value: GoValue): readonly GoValue[] {
  if (isList(value)) return value;
  throw templateError(`${goPrint(value)} is no list`);
}

function count(value: GoValue): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1e6) return value;
  throw templateError(`${goPrint(value)} is no count`);
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&#34;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? character);
}
