// How one object of Firecracker's API is checked: fields, types, bounds, and the version that brought a field. A field that
// it does not know is refused.

/** Checks a value; answers what is wrong, or undefined. */
export type Rule = (value: unknown) => string | undefined;

export interface Field {
  readonly rule: Rule;
  readonly required?: boolean;
  /** Minor version that brought it. */
  readonly since?: number;
}

export type Fields = Readonly<Record<string, Field>>;

export const text: Rule = (value) => (typeof value === 'string' && value !== '' ? undefined : 'is no text');
export const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : 'is no boolean');

export const whole =
  (least: number, most: number): Rule =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `is no whole number from ${least} to ${most}`;

export const oneOf =
  (...words: readonly string[]): Rule =>
  (value) =>
    words.some((word) => word === value) ? undefined : `is none of ${words.join(', ')}`;

export const matches =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? undefined : `does not fit ${String(pattern)}`;

/** An object within an object. */
export const nested =
  (fields: Fields): Rule =>
  (value) =>
    fieldFaults('it', value, fields, 99)[0];

/** A list of texts with at least one. */
export const texts: Rule = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')
    ? undefined
    : 'is no list of texts';

/** What is wrong with an object; empty where Firecracker `1.<minor>` takes it. */
export function fieldFaults(name: string, value: unknown, fields: Fields, minor: number): readonly string[] {
  if (!isRecord(value)) return [`${name} is no object`];
  const missing = Object.entries(fields).filter(
    ([key, { required }]) => required === true && !(key in value),
  );
  return [
    ...missing.map(([key]) => `${name}: missing field \`${key}\``),
    ...Object.entries(value).flatMap(([key, item]) => {
      const field = fields[key];
      if (field === undefined || (field.since ?? 0) > minor) return [`${name}: unknown field \`${key}\``];
      const wrong = field.rule(item);
      return wrong === undefined ? [] : [`${name}.${key} ${wrong}`];
    }),
  ];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
