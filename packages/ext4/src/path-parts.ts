// The parts of a path inside an image, cleaned by their letters as archives' names are (`..` stops at the root).
import type { BytePath } from './entry.ts';
import { entryError } from './errors.ts';

/** Linux refuses longer paths (PATH_MAX), so nobody could name such an entry. */
const LONGEST_PATH = 4095;
const LONGEST_NAME = 255;

/** A name of one entry as bytes. Errors: ext4/bad-path if it is longer than 255 bytes or holds NUL. */
export function nameBytes(name: string, path: BytePath): Buffer {
  if (name.length > LONGEST_NAME) throw entryError('ext4/bad-path', path, 'a name is longer than 255 bytes');
  const bytes = Buffer.from(name, 'latin1');
  if (bytes.includes(0)) throw entryError('ext4/bad-path', path, 'a name holds NUL');
  return bytes;
}

/** `/a/./b/../c` has the parts `a` and `c`; the root has none. Errors: ext4/bad-path. */
export function pathParts(path: BytePath): string[] {
  if (path.length > LONGEST_PATH) throw entryError('ext4/bad-path', path, 'it is longer than 4095 bytes');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}
