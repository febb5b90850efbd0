// Fields that are there or not: exactOptionalPropertyTypes knows no undefined.

/** `{ key: value }`, or nothing where the value is undefined. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  const object: { [P in K]?: V } = {};
  if (value !== undefined) object[key] = value;
  return object;
}
