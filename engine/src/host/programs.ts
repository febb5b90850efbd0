// Finds programs of the host in a fixed search path.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST_PATH } from './host-path.ts';

/** Absolute path of an executable in the fixed search path; undefined where there is none. */
export async function findProgram(name: string, searchPath: string = HOST_PATH): Promise<string | undefined> {
  for (const directory of searchPath.split(':')) {
    const path = join(directory, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // not here; the next folder may have it
    }
  }
  return undefined;
}
