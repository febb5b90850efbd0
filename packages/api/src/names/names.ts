// Names and UIDs of objects: rules (API-R01, API-N01) and generation (API-N03).
import { IgniteError } from '../errors/error.ts';
import { LIMITS } from '../limits.ts';
import { ADJECTIVES, NOUNS } from './words.ts';

/** Random bytes as a port: `crypto.randomBytes`, or a fixed sequence in a test. */
export type RandomBytes = (count: number) => Uint8Array;

const DNS_LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const NAME = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);

/** Whether a word can name a VM: an RFC 1123 subdomain of at most 253 characters (API-R01). */
export function isVmName(text: string): boolean {
  return text.length <= LIMITS.nameLength && NAME.test(text);
}

/** Whether a word can name a volume: Docker's rule, with a length. A word with a slash is a path (CLI rule 8). */
export function isVolumeName(text: string): boolean {
  return text.length <= LIMITS.volumeNameLength && /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text);
}

/** @throws IgniteError `api/invalid-name` */
export function checkVmName(text: string): void {
  if (!isVmName(text))
    throw new IgniteError('api/invalid-name', `The name "${text.slice(0, 80)}" is invalid`);
}

/** `adjective-noun`. The caller tries again with new bytes where the name is taken. */
export function generateName(random: RandomBytes): string {
  const [a = 0, n = 0] = random(2);
  return `${ADJECTIVES[a % ADJECTIVES.length]}-${NOUNS[n % NOUNS.length]}`;
}

/** A UID as the original made them: 8 random bytes as 16 hex digits. */
export function generateUid(random: RandomBytes): string {
  return Buffer.from(random(8)).toString('hex');
}

/** Whether a word is a UID in the original's form: 16 characters of a-z and 0-9. */
export function isUid(text: string): boolean {
  return /^[a-z0-9]{16}$/.test(text);
}

/**
 * Whether a word can be a UID at all: manifests and Git objects of the original carry any word, a 36 character
 * UUID even. Such are kept, but hashed for paths (FORMATS).
 */
export function isLegacyUid(text: string): boolean {
  if (/^uid-[0-9a-f]{32}$/.test(text)) return false; // the form of a hashed one
  return text.length <= LIMITS.nameLength && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text);
}
