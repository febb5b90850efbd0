// Which side of `cp` is the VM's, and where on it things go (CLI rule 20, CP-01 to CP-07).
import { posix } from 'node:path';
import { IgniteError } from '@ignite/api/errors';

/** One side of a copy. */
export type Place =
  | { readonly kind: 'host'; readonly path: string }
  | { readonly kind: 'stream' }
  | { readonly kind: 'vm'; readonly vm: string; readonly path: string };

/** Where relative paths of a VM begin: root's home, as with the original's SFTP. */
const LOGIN_FOLDER = '/root';

/** `VM:PATH` splits at the first colon; what has a `/` or begins with `.` before it is a path of the host; `-` is tar. */
export function parsePlace(word: string): Place {
  if (word === '-') return { kind: 'stream' };
  const colon = word.indexOf(':');
  const vm = word.slice(0, Math.max(colon, 0));
  if (colon <= 0 || vm.includes('/') || vm.startsWith('.')) return { kind: 'host', path: word };
  return { kind: 'vm', vm, path: guestPath(word.slice(colon + 1)) };
}

/** Absolute, with a trailing `/` or `/.` kept: they mean something. */
function guestPath(path: string): string {
  if (path === '') return LOGIN_FOLDER;
  return path.startsWith('/') ? path : `${LOGIN_FOLDER}/${path}`;
}

/** Last component; empty for the root and for paths that end in `/.`, which mean the content. */
export function baseOf(path: string): string {
  if (path === '.' || path.endsWith('/.')) return '';
  const base = posix.basename(path);
  return base === '..' || base === '/' ? '' : base;
}

/** What is at the target. */
export type TargetKind = 'folder' | 'file' | 'nothing';

/** Where a copy goes: the target's own path under a new name, or inside a folder. */
export interface Landing {
  /** The folder that things go into, relative to nothing: the target or the folder above it. */
  readonly folder: 'target' | 'above';
  /** Name there; empty: the content goes straight into the folder. */
  readonly name: string;
}

/**
 * A folder onto a folder of its own name merges, else goes inside; a file goes inside a folder, or becomes the target.
 * @throws IgniteError `cli/copy-failed` for a folder onto a file
 */
export function land(
  source: { readonly base: string; readonly folder: boolean },
  target: string,
  kind: TargetKind,
): Landing {
  const own = baseOf(target);
  if (kind === 'folder') {
    const merges = source.folder && (source.base === '' || source.base === own);
    return { folder: 'target', name: merges ? '' : source.base };
  }
  if (kind === 'file' && source.folder)
    throw new IgniteError('cli/copy-failed', `A folder cannot be copied onto the file ${target}`);
  if (kind === 'file' && target.endsWith('/'))
    throw new IgniteError('cli/copy-failed', `${target} is no folder`);
  return { folder: 'above', name: own };
}
