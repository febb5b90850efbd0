// The guest room's door: builds initrds and opens sessions with agents.
import { readFile, writeFile } from 'node:fs/promises';
import { configPart, initPart, joinParts } from './initrd.ts';
import type { Guest } from './port.ts';
import { openSession } from './session.ts';

/** The guest room. @param initPath the program ignite-init */
export function createGuest({ initPath }: { readonly initPath: string }): Guest {
  return {
    async buildInitrd({ kernel, config, path }, signal) {
      const modules =
        kernel.modulesCpio === undefined ? [] : [await readFile(kernel.modulesCpio, { signal })];
      // Holds the boot token and the user's files: nobody else reads it.
      await writeFile(path, joinParts([...modules, await initPart(initPath), configPart(config)]), {
        mode: 0o600,
        signal,
      });
    },
    connect: (pipe, signal) => openSession(pipe, signal),
  };
}
