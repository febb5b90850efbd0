// Writes the read-only drive that every VM of a kernel shares: `/VERSION/kernel/…` with the indexes of depmod, to be
// mounted as /lib/modules.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createExt4Writer, type EntryMeta, type ImageSink } from '@ignite/ext4';
import { makeModuleIndexes } from './depmod.ts';
import type { ModuleTree } from './module-tree.ts';

/** The drive has no history: the same modules give the same bytes. */
const TIME = { seconds: 0, nanoseconds: 0 };
const FILE: EntryMeta = { mode: 0o644, uid: 0, gid: 0, mtime: TIME };

/**
 * Writes the image to an empty file.
 * @returns bytes of the image
 */
export async function writeModulesDrive(
  tree: ModuleTree,
  version: string,
  sink: ImageSink,
  signal: AbortSignal,
): Promise<number> {
  const seed = createHash('sha256').update(`${version}\n${tree.digest}`).digest();
  const writer = createExt4Writer({
    sink,
    label: 'modules',
    uuid: uuidFrom(seed),
    hashSeed: seed.subarray(16, 32),
    epochSeconds: 0,
    journalBytes: 0,
  });
  for (const [name, content] of [...tree.lists, ...makeModuleIndexes(tree)]) {
    await writer.file(`${version}/${name}`, FILE, content.length, [content]);
  }
  for (const module of tree.modules) {
    signal.throwIfAborted();
    // a module is far smaller than a stream's buffer, and there are thousands
    await writer.file(`${version}/${module.path}`, FILE, module.size, [await readFile(module.file)]);
  }
  return (await writer.finish({ freeBytes: 0 })).bytes;
}

/** A version 8 UUID, RFC 9562. */
function uuidFrom(seed: Buffer): Uint8Array {
  const uuid = Buffer.from(seed.subarray(0, 16));
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x80;
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  return uuid;
}
