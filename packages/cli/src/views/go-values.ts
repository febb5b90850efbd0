// Documents of the API as values for templates.
import { displaySize, parseSize } from '@ignite/api/sizes';
import { type GoValue, printed } from '../template/index.ts';

/** A JSON document as maps and lists. */
export function asGoValue(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(asGoValue);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asGoValue(inner)]));
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}

/** A size, printed as `512.0 MB`, compared as bytes. */
export function sizeValue(size: string): GoValue {
  const bytes = parseSize(size);
  return printed(displaySize(bytes), bytes);
}
