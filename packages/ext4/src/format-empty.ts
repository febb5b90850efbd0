// An empty file system of a given size, for volumes.
import type { Ext4Options, Ext4Result } from './entry.ts';
import { createExt4Writer } from './writer.ts';

const MIB = 1024 * 1024;
/** Room for the smallest journal, one inode table, and something to keep. */
const SMALLEST_BYTES = 32 * MIB;

/**
 * Writes an empty file system of exactly `bytes`, rounded down to 1 MiB and at least 32 MiB. Little is written
 * whatever the size: tables and journal are holes in the file.
 */
export async function formatEmptyExt4(options: Ext4Options, bytes: number): Promise<Ext4Result> {
  const size = Math.max(SMALLEST_BYTES, Math.floor(bytes / MIB) * MIB);
  const journalBytes = options.journalBytes ?? (size < 128 * MIB ? 4 * MIB : undefined);
  const writer = createExt4Writer({ ...options, ...(journalBytes === undefined ? {} : { journalBytes }) });
  return writer.finish({ minimumBytes: size, freeBytes: 0 });
}
