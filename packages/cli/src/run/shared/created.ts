// The UID of something made on stdout, the original's sentence on stderr (CLI rule 12, CLI-G14).
import { escapeText } from '../../output/escape.ts';
import type { Output } from '../../output/output.ts';

/** Tells that an object was made, or was there already. */
export function created(
  out: Output,
  kind: string,
  metadata: { readonly uid: string; readonly name: string },
): void {
  out.note(`Created ${kind} with ID "${metadata.uid}" and name "${escapeText(metadata.name)}"`);
  out.data(metadata.uid);
}
