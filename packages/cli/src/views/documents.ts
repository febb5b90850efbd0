// Objects as YAML documents or as JSON.
import type { Output } from '../output/output.ts';

/** YAML: one document each. JSON: one object, or an array of several. */
export async function printDocuments(
  out: Output,
  documents: readonly Readonly<Record<string, unknown>>[],
  form: string,
): Promise<void> {
  if (form === 'json')
    return out.data(JSON.stringify(documents.length === 1 ? documents[0] : documents, undefined, 2));
  const { stringify } = await import('yaml');
  out.data(documents.map((document) => stringify(document).trimEnd()).join('\n---\n'));
}
