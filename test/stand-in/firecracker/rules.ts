// How one object of Firecracker's API is checked: fields, types, bounds, and the version that brought a field. A field that
// it does not know is refused.
import { type Fields, isRecord, type Rule } from '../rules.ts';

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
