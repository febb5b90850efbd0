// The guest room's door: builds initrds and opens sessions with agents.
import { readFile, writeFile } from 'node:fs/promises';
import { createSharedWork } from '../work/index.ts';
import { configPart, initPart, joinParts } from './initrd.ts';
import type { Guest } from './port.ts';
import { openSession } from './session.ts';

/** The guest room. `initPath` is the program ignite-init; `cacheDirectory` keeps its archive by digest. */
export function createGuest(options: { readonly initPath: string; readonly cacheDirectory?: string }): Guest {
  // Two writers of the cache would be in each other's way.
  const parts = createSharedWork<Buffer>();
  const init = (signal: AbortSignal) =>
    parts.run('init', { report: () => {}, signal }, () => initPart(options.initPath, options.cacheDirectory));
  return {
    async buildInitrd({ kernel, config, path }, signal) {
      const modules =
        kernel.modulesCpio === undefined ? [] : [await readFile(kernel.modulesCpio, { signal })];
      // Holds the boot token and the user's files: nobody else reads it.
      await writeFile(path, joinParts([...modules, await init(signal), configPart(config)]), {
        mode: 0o600,
        signal,
      });
    },
    connect: (pipe, signal) => openSession(pipe, signal),
  };
}
