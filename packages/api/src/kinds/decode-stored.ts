// Reads what may have been stored by a later version, which `format.json` lets this one read: fields that it has added are
// left out. Whatever else does not fit is refused.
import type * as z from 'zod';
import { prettifyError } from 'zod';

/**
 * The stored document in our types.
 * @param document parsed JSON; it is not changed
 * @throws Error whose message says where and what
 */
export function decodeStored<S extends z.ZodType>(schema: S, document: unknown): z.output<S> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const known = structuredClone(document);
  for (const issue of result.error.issues)
    if (issue.code === 'unrecognized_keys') leaveOut(known, issue.path, issue.keys);
  const again = schema.safeParse(known);
  if (again.success) return again.data;
  throw new Error(prettifyError(again.error), { cause: again.error });
}

function leaveOut(root: unknown, path: readonly PropertyKey[], keys: readonly string[]): void {
  let at = root;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return;
    at = Reflect.get(at, step);
  }
  if (typeof at === 'object' && at !== null) for (const key of keys) Reflect.deleteProperty(at, key);
}
