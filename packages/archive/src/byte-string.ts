// Between text, bytes and strings of bytes. Names in archives are bytes; only ASCII can be assumed of them.
import type { ByteString } from './entry.ts';

/** The UTF-8 bytes of a text. */
export function byteString(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** For people: decoded as UTF-8, bytes that are none become U+FFFD. */
export function byteStringText(bytes: ByteString): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
