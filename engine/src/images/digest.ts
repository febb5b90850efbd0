// Content digests (image-spec descriptor.md): we take `sha256:` and 64 lower-case hex digits, nothing else.
import { createHash } from 'node:crypto';

const PATTERN = /^sha256:[0-9a-f]{64}$/;

/** Whether a word is a digest we can verify. */
export function isDigest(word: string): boolean {
  return PATTERN.test(word);
}

/** The digest of some bytes. */
export function digestOf(data: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** The 64 hex digits, which are the blob's file name. */
export function digestHex(digest: string): string {
  return digest.slice('sha256:'.length);
}

/** The twelve digits people see. */
export function shortDigest(digest: string): string {
  return digestHex(digest).slice(0, 12);
}
