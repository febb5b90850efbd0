// Deleting in two steps: a rename, which is the moment something is gone, then the work. What a crash leaves is swept
// at the next start. The only place that deletes folders of the state directory.
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrno, makeFolder, syncDirectory } from '../host/index.ts';
import { stateFile } from './files.ts';
import type { Trash } from './port.ts';
import { guarded } from './state-errors.ts';

/** Moves a folder into the trash under `<uid>-<op>`, lasting when this returns; the new path, undefined if it was not there. */
export async function moveToTrash(
  root: string,
  path: string,
  uid: string,
  op: string,
): Promise<string | undefined> {
  const target = stateFile(root, 'trashed', { uid, op });
  return guarded('remove', path, async () => {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    try {
      await rename(path, target);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
    await syncDirectory(dirname(path));
    await syncDirectory(dirname(target));
    return target;
  });
}

/** Deletes a folder for good; links in it are not followed. */
export async function deleteFolder(path: string): Promise<void> {
  await guarded('delete', path, () => rm(path, { recursive: true, force: true, maxRetries: 2 }));
}

/** The trash of a state directory. */
export function trashOf(root: string): Trash {
  const folder = stateFile(root, 'trash', {});
  return {
    list: async () => (await readdir(folder).catch(() => [])).map((name) => join(folder, name)),
    delete: (path) => deleteFolder(path),
  };
}

/**
 * Deletes what earlier removals left in the trash; what cannot be deleted now stays for the next start. The folder is made, so that
 * a removal needs no room later: on a full disk it is what makes some.
 */
export async function sweepTrash(root: string): Promise<void> {
  const trash = stateFile(root, 'trash', {});
  await makeFolder(trash).catch(() => {}); // tried again by the first removal, which tells why
  const names = await readdir(trash).catch(() => []);
  for (const name of names) await deleteFolder(join(trash, name)).catch(() => {});
}
