// The three ways to make a VM's disk from a base file, each into a new file that nobody else sees yet.
import { constants } from 'node:fs';
import { copyFile, open, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { freeSpace, hasErrno } from '../host/index.ts';
import type { DiskFormat, DiskMeans } from './port.ts';
import { emptyQcow2 } from './qcow2-header.ts';
import { diskFull } from './disk-errors.ts';
import { sparseCopy } from './sparse-copy.ts';

interface MakeInput {
  /** Absolute path of the raw base file. */
  readonly base: string;
  /** Path of the file to make; must not exist. */
  readonly target: string;
  /** Virtual size wanted; at least the base's. */
  readonly bytes: number;
  readonly formats: readonly DiskFormat[];
}

export interface Made {
  readonly format: DiskFormat;
  readonly means: DiskMeans;
}

/** Makes the disk by the cheapest means the file system and `formats` allow (DESIGN D6) and flushes it. */
export async function makeDisk(input: MakeInput, signal: AbortSignal): Promise<Made> {
  const raw = input.formats.includes('raw');
  if (raw && (await reflink(input))) return await finishRaw(input, 'reflink');
  if (input.formats.includes('qcow2')) {
    await writeFile(input.target, emptyQcow2(input.base, input.bytes), {
      flag: 'wx',
      mode: 0o600,
      flush: true,
      signal,
    });
    return { format: 'qcow2', means: 'qcow2' };
  }
  await checkSpace(input);
  await sparseCopy(input.base, input.target, signal);
  return await finishRaw(input, 'copy');
}

/** FICLONE, ioctl_ficlonerange(2). False where the file system cannot share blocks. */
async function reflink(input: MakeInput): Promise<boolean> {
  try {
    await copyFile(input.base, input.target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    // libuv takes the target away again where the clone failed
    if (hasErrno(error, 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY')) return false;
    throw error;
  }
}

async function finishRaw(input: MakeInput, means: DiskMeans): Promise<Made> {
  await truncate(input.target, input.bytes);
  await using file = await open(input.target, 'r+');
  await file.chmod(0o600); // a clone has the base's read-only mode
  await file.sync();
  return { format: 'raw', means };
}

/** Fails before the copy where the base's blocks cannot fit. */
async function checkSpace(input: MakeInput): Promise<void> {
  const needed = (await stat(input.base)).blocks * 512;
  const { forUsers: free } = await freeSpace(dirname(input.target));
  if (free < needed) throw diskFull(input.target, { needed, free });
}
