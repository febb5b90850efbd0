// Removes folders of a state directory that only earlier versions read.
import { join } from 'node:path';
import { deleteFolder } from './trash.ts';

/** `initrd` kept archives with ignite-init, one for each version of it; they are made at each start now. */
const OUTGROWN = ['initrd'] as const;

/** Deletes them; what cannot be deleted now stays for the next start. */
export async function sweepOutgrown(root: string): Promise<void> {
  for (const name of OUTGROWN) await deleteFolder(join(root, name)).catch(() => {});
}
