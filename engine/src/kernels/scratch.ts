// Scratch folders that do not outlive their work, nor a daemon that was killed while working.
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface Scratch extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes scratch folders below `directory`; before the first one, folders left by an earlier process are removed,
 * since the caller is the only writer of the state directory (DESIGN D1).
 */
export function createScratchMaker(directory: string, prefix: string): () => Promise<Scratch> {
  let swept: Promise<void> | undefined;
  return async () => {
    swept ??= sweep(directory, prefix);
    await swept;
    const path = await mkdtemp(join(directory, prefix));
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
  };
}

async function sweep(directory: string, prefix: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    if (name.startsWith(prefix)) await rm(join(directory, name), { recursive: true, force: true });
  }
}
