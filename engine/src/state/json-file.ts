// A small JSON file that one room keeps through the state room: loaded whole, replaced whole.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrno, writeFileAtomic, createQueue } from '../host/index.ts';
import { guarded } from './state-errors.ts';

export interface JsonFile {
  /** The parsed value; undefined where there is no file, or none that can be read as JSON. */
  load(): Promise<unknown>;
  /** Lasting before it returns; saves at once happen one after the other, and the last stays. */
  save(value: unknown): Promise<void>;
  /** After the saves before it. */
  remove(): Promise<void>;
  /** The same with the file's folder and all that is in it. */
  removeFolder(): Promise<void>;
}

/** @param path absolute; its folder is made where missing, readable by us alone */
export function jsonFile(path: string): JsonFile {
  const queue = createQueue(); // two writers would share one temporary file; a removal would be undone by one that is under way
  return {
    load: () =>
      guarded('read', path, async () => {
        try {
          return parse(await readFile(path, 'utf8'));
        } catch (error) {
          if (hasErrno(error, 'ENOENT')) return undefined;
          throw error;
        }
      }),
    save: (value) =>
      queue(() =>
        guarded('write', path, async () => {
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
        }),
      ),
    remove: () => queue(() => guarded('delete', path, () => rm(path, { force: true }))),
    removeFolder: () =>
      queue(() => guarded('delete', path, () => rm(dirname(path), { recursive: true, force: true }))),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller treats it as never written, or its schema refuses it
  }
}
