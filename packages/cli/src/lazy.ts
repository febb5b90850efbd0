// Parts of Node that most commands do not need, loaded where they are first used, as their start would be a large part
// of a command's own: node:child_process takes 2.4 ms, node:crypto 4.5 ms.
import { closeSync, openSync, readSync } from 'node:fs';

/** `node:child_process`, loaded by the first call. */
export function childProcess(): typeof import('node:child_process') {
  return process.getBuiltinModule('node:child_process');
}

/** Random bytes of the kernel (random(4)), as node:crypto would give them. */
export function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  const random = openSync('/dev/urandom', 'r');
  try {
    for (let have = 0; have < count; ) have += readSync(random, bytes, have, count - have, null);
  } finally {
    closeSync(random);
  }
  return bytes;
}
