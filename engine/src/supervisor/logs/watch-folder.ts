// Waits for changes in a folder without polling: inotify through fs.watch.
import { type FSWatcher, watch } from 'node:fs';
import { hasErrno } from '../../host/index.ts';

export interface FolderWatch extends Disposable {
  /** Settles at the first change since the last call, or when `stop` settles. */
  next(stop: Promise<unknown>): Promise<void>;
}

/** Begins to watch; undefined where there is no such folder. */
export function watchFolder(path: string): FolderWatch | undefined {
  let wake = Promise.withResolvers<void>();
  const watcher = tryWatch(path, () => wake.resolve());
  if (watcher === undefined) return undefined;
  watcher.on('error', () => wake.resolve());
  return {
    next: async (stop) => {
      await Promise.race([wake.promise, stop]);
      wake = Promise.withResolvers<void>();
    },
    [Symbol.dispose]: () => watcher.close(),
  };
}

function tryWatch(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(path, onChange);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
