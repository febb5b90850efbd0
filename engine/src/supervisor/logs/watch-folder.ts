// Waits for changes in a folder without polling: inotify through fs.watch.
import { type FSWatcher, watch } from 'node:fs';
import { hasErrno } from '../../host/index.ts';

export interface FolderWatch extends Disposable {
  /** Settles at the first change since the last call, or when woken. */
  next(): Promise<void>;
  /** As if something had changed. */
  wake(): void;
}

/** Begins to watch; undefined where there is no such folder. */
export function watchFolder(path: string): FolderWatch | undefined {
  let wake = Promise.withResolvers<void>();
  const watcher = tryWatch(path, () => wake.resolve());
  if (watcher === undefined) return undefined;
  watcher.on('error', () => wake.resolve());
  return {
    next: async () => {
      await wake.promise;
      wake = Promise.withResolvers<void>();
    },
    wake: () => wake.resolve(),
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
