// What files take on the disk: allocated blocks, not lengths, as disks of VMs are sparse.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** st_blocks counts these (stat(2)). */
const BLOCK = 512;

/** Bytes that a file, or everything below a folder, takes; a file with several names counts once. What is gone counts nothing. */
export async function allocatedBytes(path: string, seen: Set<string> = new Set()): Promise<number> {
  const facts = await lstat(path).catch(() => undefined);
  if (facts === undefined) return 0;
  const identity = `${facts.dev} ${facts.ino}`;
  if (seen.has(identity)) return 0;
  seen.add(identity);
  let bytes = facts.blocks * BLOCK;
  if (!facts.isDirectory()) return bytes;
  for (const name of await readdir(path).catch((): string[] => []))
    bytes += await allocatedBytes(join(path, name), seen);
  return bytes;
}
