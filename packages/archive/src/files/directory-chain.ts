// A way down from one directory that nothing can divert: every step opens the next directory by its name relative to
// an open one and refuses links.
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { IgniteError } from '@ignite/api/errors';
import type { ByteString } from '../entry.ts';
import { beyondLimit, shown } from '../errors.ts';
import { accessError, hasErrno } from './fs-error.ts';
import { placeOf } from './open-entry.ts';

export interface DirectoryChain extends AsyncDisposable {
  /**
   * A path for system calls that names `name` in the directory `parts`; missing directories are made, with
   * the rights the umask leaves. Errors: archive/outside for a link among the parts, archive/file-access.
   */
  path(parts: readonly ByteString[], name: ByteString): Promise<Buffer>;
  /** A handle of the directory `parts`, valid until the next call. */
  handle(parts: readonly ByteString[]): Promise<FileHandle>;
}

interface Link {
  readonly part: ByteString;
  readonly handle: FileHandle;
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;
/** Every level is an open file. */
const DEEPEST = 512;

/** The name of an entry in an open directory, as a path. */
function below(handle: FileHandle, name: ByteString): Buffer {
  return Buffer.from(`${placeOf(handle)}/${name}`, 'latin1');
}

async function openBelow(parent: FileHandle, part: ByteString, shownPath: ByteString): Promise<FileHandle> {
  try {
    return await open(below(parent, part), DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasErrno(error, 'ELOOP', 'ENOTDIR')) {
      throw new IgniteError(
        'archive/outside',
        `The archive goes through ${shown(shownPath)}, which is a link or no directory`,
        { cause: error },
      );
    }
    throw error;
  }
}

async function enter(parent: FileHandle, part: ByteString, shownPath: ByteString): Promise<FileHandle> {
  try {
    return await openBelow(parent, part, shownPath);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw accessError(shownPath, 'Opening', error);
  }
  try {
    await mkdir(below(parent, part));
    return await openBelow(parent, part, shownPath);
  } catch (error) {
    throw accessError(shownPath, 'Making directory', error);
  }
}

/** A chain below `target`, which must exist and may itself be a link. Errors: archive/file-access. */
export async function openDirectoryChain(target: string): Promise<DirectoryChain> {
  const root = await open(target, DIRECTORY).catch((error: unknown) => {
    throw accessError(Buffer.from(target).toString('latin1'), 'Opening', error);
  });
  const links: Link[] = [];

  async function leaveTo(depth: number): Promise<void> {
    for (const link of links.splice(depth).reverse()) await link.handle.close();
  }

  async function handle(parts: readonly ByteString[]): Promise<FileHandle> {
    if (parts.length > DEEPEST)
      throw beyondLimit(`entry ${shown(parts.join('/'))}`, `${parts.length} directories`);
    let same = 0;
    while (same < links.length && links[same]?.part === parts[same]) same++;
    await leaveTo(same);
    for (let depth = same; depth < parts.length; depth++) {
      const part = parts[depth] ?? '';
      const parent = links.at(-1)?.handle ?? root;
      links.push({ part, handle: await enter(parent, part, parts.slice(0, depth + 1).join('/')) });
    }
    return links.at(-1)?.handle ?? root;
  }

  return {
    handle,
    path: async (parts, name) => below(await handle(parts), name),
    async [Symbol.asyncDispose]() {
      await leaveTo(0);
      await root.close();
    },
  };
}
