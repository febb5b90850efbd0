// Names inside a root, cleaned by their letters alone; links among the parents need the tree that is being built.
import type { ByteString } from './entry.ts';

const NEEDS_WORK = /(?:^|\/)(?:\.{0,2})(?:\/|$)/;

/**
 * `/a/./b/../c//` becomes `a/c`: no leading or trailing slash, no empty, `.` or `..` part. `..` stops at the root
 * (as umoci's CleanPath and Docker do with `/` in front of the name). The root itself is the empty string.
 */
export function normalizeName(name: ByteString): ByteString {
  if (!NEEDS_WORK.test(name)) return name;
  const parts: ByteString[] = [];
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The last part of a normalised name; empty for the root. */
export function baseName(name: ByteString): ByteString {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Everything before the last part of a normalised name; the root's own parent is the root. */
export function parentName(name: ByteString): ByteString {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? '' : name.slice(0, slash);
}
