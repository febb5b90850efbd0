// Whether a qcow2 disk still is over its base, and over nothing else. While its VM ran it was its VMM's own, and whoever took that
// over may have written any header; qemu-img, as root, opens what a header names, and enlarges what it names as data file.
import { open } from 'node:fs/promises';
import { IgniteError } from '@ignite/api';
import {
  CLUSTER_BYTES,
  EXTENSION_BACKING_FORMAT,
  EXTENSION_END,
  HEADER_BYTES,
  MAGIC,
  MAX_BACKING_NAME,
} from './qcow2-header.ts';

/** "Incompatible features": dirty, corrupt. The others say of an external data file, and of what no disk of ours has. */
const KNOWN_FEATURES = 0b11n;

/**
 * @param backing the file that it lies over; absent: any that is named by a path
 * @throws IgniteError `disks/failed`
 */
export async function requireOwnQcow2(path: string, backing: string | undefined): Promise<void> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(CLUSTER_BYTES), 0, CLUSTER_BYTES, 0);
  const fault = faultOf(buffer.subarray(0, bytesRead), backing);
  if (fault === undefined) return;
  throw new IgniteError('disks/failed', `The disk ${path} is not enlarged: ${fault}`, {
    stage: 'disk',
    details: { path, hint: 'Nobody but its VMM can have written that: do not trust this VM any more.' },
  });
}

/** What is wrong with the first cluster of a qcow2 file (QEMU docs/interop/qcow2.txt). Pure. */
export function faultOf(header: Buffer, backing: string | undefined): string | undefined {
  if (header.length < HEADER_BYTES || header.readUInt32BE(0) !== MAGIC || header.readUInt32BE(4) !== 3)
    return 'its header is not that of a qcow2 image of version 3';
  if ((header.readBigUInt64BE(72) & ~KNOWN_FEATURES) !== 0n || header.readUInt32BE(32) !== 0)
    return 'its header tells of features that a disk of ours never has';
  const [at, length] = [Number(header.readBigUInt64BE(8)), header.readUInt32BE(16)];
  const name = length > MAX_BACKING_NAME ? '' : header.subarray(at, at + length).toString('utf8');
  if (name !== (backing ?? name) || !name.startsWith('/')) return 'it does not lie over its base any more';
  return isOverRaw(header) ? undefined : 'its header does not say that its base is raw';
}

function isOverRaw(header: Buffer): boolean {
  for (let at = header.readUInt32BE(100); at + 8 <= header.length; ) {
    const [type, length] = [header.readUInt32BE(at), header.readUInt32BE(at + 4)];
    if (type === EXTENSION_END) return false;
    if (type === EXTENSION_BACKING_FORMAT)
      return header.subarray(at + 8, at + 8 + length).toString('latin1') === 'raw';
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return false;
}
