// Block devices of the host that are lent to a VMM: what they are, whether the host uses them, whose they are.
import { constants } from 'node:fs';
import { chown, open, stat } from 'node:fs/promises';
import { hasErrno } from './files.ts';

interface DeviceFacts {
  /** Device number: the same for every name of one device. */
  readonly number: number;
  readonly uid: number;
  /** Mounted, swapped to, or part of another device (open(2), O_EXCL on a block device). */
  readonly inUse: boolean;
}

/** What is at a path; undefined where it is no block device. */
export async function lookAtDevice(path: string): Promise<DeviceFacts | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isBlockDevice() !== true) return undefined;
  return { number: facts.rdev, uid: facts.uid, inUse: await isClaimed(path) };
}

/** Whether the first MiB of a device holds nothing but zeros: then there is no file system on it. */
export async function isBlank(path: string): Promise<boolean> {
  const BYTES = 1 << 20;
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES), 0, BYTES, 0);
  return buffer.subarray(0, bytesRead).every((byte) => byte === 0);
}

/** Gives a device's file to a user; its group and mode stay. */
export async function lendDevice(path: string, uid: number): Promise<void> {
  const { gid } = await stat(path);
  await chown(path, uid, gid);
}

/** Gives a device's file back to its owner; one that is gone needs none. */
export async function returnDevice(path: string, uid: number): Promise<void> {
  try {
    await lendDevice(path, uid);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}

async function isClaimed(path: string): Promise<boolean> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_EXCL);
    return file.fd < 0;
  } catch (error) {
    return hasErrno(error, 'EBUSY');
  }
}
