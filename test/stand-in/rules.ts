// Rules by which a stand-in checks what a driver sends: bounds of single values, and fields of objects.

/** Checks a value; answers what is wrong with it, or undefined. */
export type Rule = (value: unknown) => string | undefined;

export interface Field {
  readonly rule: Rule;
  readonly required?: boolean;
  /** The version that brought it. */
  readonly since?: number;
}

export type Fields = Readonly<Record<string, Field>>;

export const text: Rule = (value) => (typeof value === 'string' && value !== '' ? undefined : 'is no text');

export const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : 'is no boolean');

/** A whole number within bounds, which are allowed. */
export function whole(least: number, most: number): Rule {
  return (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `is no whole number from ${least} to ${most}`;
}

export function oneOf(...words: readonly string[]): Rule {
  return (value) => (words.some((word) => word === value) ? undefined : `is none of ${words.join(', ')}`);
}

export function matches(pattern: RegExp): Rule {
  return (value) =>
    typeof value === 'string' && pattern.test(value) ? undefined : `does not fit ${String(pattern)}`;
}

/** An object with these fields and no other. */
export function object(fields: Fields, version: number): Rule {
  return (value) => fieldFaults(value, fields, version).at(0);
}

export function listOf(rule: Rule): Rule {
  return (value) => {
    if (!Array.isArray(value)) return 'is no list';
    return value.map(rule).find((wrong) => wrong !== undefined);
  };
}

/** What is wrong with an object, one sentence for each fault. @param version that must know every field */
export function fieldFaults(value: unknown, fields: Fields, version: number): readonly string[] {
  if (!isRecord(value)) return ['is no object'];
  const missing = Object.entries(fields).filter(
    ([key, { required }]) => required === true && !(key in value),
  );
  const wrong = Object.entries(value).flatMap(([key, item]) => {
    const field = fields[key];
    if (field === undefined || (field.since ?? 0) > version) return [`unknown field \`${key}\``];
    const fault = field.rule(item);
    return fault === undefined ? [] : [`${key}: ${fault}`];
  });
  return [...missing.map(([key]) => `missing field \`${key}\``), ...wrong];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
