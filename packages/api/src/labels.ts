// Labels as people write them on a command line.
import { IgniteError } from './errors/error.ts';
import { LIMITS } from './limits.ts';

export type Labels = Readonly<Record<string, string>>;

/**
 * Reads `key=value` words: split at the first `=`, an empty value is allowed, a later word wins (CLI-C07).
 * @throws IgniteError `api/invalid-label`
 */
export function parseLabels(words: readonly string[]): Labels {
  const labels = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at <= 0) throw invalid(word, at < 0 ? 'has no "="' : 'has an empty key');
    labels.set(word.slice(0, at), word.slice(at + 1));
  }
  const complaint = labelComplaints(Object.fromEntries(labels))[0];
  if (complaint !== undefined) throw invalid(complaint.key, complaint.message);
  return Object.fromEntries(labels);
}

/** What is wrong with labels: one entry per bad key, none when all is well. */
export function labelComplaints(
  labels: Labels,
): readonly { readonly key: string; readonly message: string }[] {
  const entries = Object.entries(labels);
  const tooMany =
    entries.length > LIMITS.labels ? [{ key: '', message: `are more than ${LIMITS.labels}` }] : [];
  return [...tooMany, ...entries.flatMap(([key, value]) => entryComplaint(key, value))];
}

function entryComplaint(key: string, value: string): { key: string; message: string }[] {
  if (key === '') return [{ key, message: 'has an empty key' }];
  if (Buffer.byteLength(key) > LIMITS.labelKeyBytes)
    return [{ key, message: `has a key of more than ${LIMITS.labelKeyBytes} bytes` }];
  if (Buffer.byteLength(value) > LIMITS.labelValueBytes)
    return [{ key, message: `has a value of more than ${LIMITS.labelValueBytes} bytes` }];
  return [];
}

function invalid(word: string, why: string): IgniteError {
  return new IgniteError('api/invalid-label', `The label "${word.slice(0, 80)}" ${why}`);
}
