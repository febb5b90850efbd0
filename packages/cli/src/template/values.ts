// Values a template works on, and how Go prints them (fmt, verb %v).

/** An object whose printed form is not that of its fields: a size, an address list. */
export interface Printed {
  readonly [PRINT]: string;
  /** What comparisons and `len` see; absent: the printed text. */
  readonly [RAW]?: string | number;
}

/** A struct: asking for a field it does not have is an error, as in Go. */
export interface Struct {
  readonly [FIELDS]: ReadonlyMap<string, () => GoValue>;
  /** Where fields it does not have are looked up: they can be asked for, but are not printed. */
  readonly [ALSO]?: GoValue;
}

export type GoValue =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | Printed
  | Struct
  | readonly GoValue[]
  | { readonly [key: string]: GoValue };

export const PRINT: unique symbol = Symbol('print');
export const RAW: unique symbol = Symbol('raw');
export const FIELDS: unique symbol = Symbol('fields');
export const ALSO: unique symbol = Symbol('also');

/** A value with a printed form of its own. */
export function printed(text: string, raw?: string | number): Printed {
  return { [PRINT]: text, ...(raw === undefined ? {} : { [RAW]: raw }) };
}

/** A struct from fields; functions are computed when asked for. `also` has further names, for lookups only. */
export function struct(fields: Readonly<Record<string, GoValue | (() => GoValue)>>, also?: GoValue): Struct {
  const map = new Map<string, () => GoValue>();
  for (const [name, value] of Object.entries(fields))
    map.set(name, typeof value === 'function' ? value : () => value);
  return { [FIELDS]: map, ...(also === undefined ? {} : { [ALSO]: also }) };
}

/** Whether a value has a printed form of its own. */
export function isPrinted(value: GoValue): value is Printed {
  return typeof value === 'object' && value !== null && PRINT in value;
}

/** Whether a value is a struct, whose fields must exist. */
export function isStruct(value: GoValue): value is Struct {
  return typeof value === 'object' && value !== null && FIELDS in value;
}

/** Whether a value is a list. */
export function isList(value: GoValue): value is readonly GoValue[] {
  return Array.isArray(value);
}

/** Whether a value is a map, whose keys need not exist. */
export function isMap(value: GoValue): value is { readonly [key: string]: GoValue } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(PRINT in value) &&
    !(FIELDS in value)
  );
}

/** Go's printed form: `map[a:b]`, `[x y]`, `{1 2}`, `<nil>`; a missing key is `<no value>`. */
export function goPrint(value: GoValue): string {
  if (value === undefined) return '<no value>';
  if (value === null) return '<nil>';
  if (isPrinted(value)) return value[PRINT];
  if (isStruct(value)) return `{${[...value[FIELDS].values()].map((field) => goPrint(field())).join(' ')}}`;
  if (isList(value)) return `[${value.map(goPrint).join(' ')}]`;
  if (typeof value === 'number') return printNumber(value);
  if (typeof value !== 'object') return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goPrint(value[key])}`).join(' ')}]`;
}

/** Go's %v of a float64: an exponent from 21 digits on, written with two digits (`1e+21`). */
function printNumber(value: number): string {
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** What Go's encoding/json makes of it: structs by their field names. */
export function toJson(value: GoValue): unknown {
  if (isStruct(value))
    return Object.fromEntries([...value[FIELDS]].map(([name, field]) => [name, toJson(field())]));
  if (isList(value)) return value.map(toJson);
  if (isPrinted(value)) return value[RAW] ?? value[PRINT];
  if (isMap(value))
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, toJson(value[key])]),
    );
  return typeof value === 'bigint' ? Number(value) : (value ?? null);
}
