// The compression by the first bytes (RFC 1952, RFC 8878, and the file format descriptions of xz and bzip2).
import { IgniteError } from '@ignite/api';
import type { Compression } from '../media-types.ts';

/** Docker writes plain tar layers; other writers of the format do not. A zstd stream may begin with a skippable frame. */
export function compressionOf(magic: Uint8Array): Compression {
  if (begins(magic, 0x1f, 0x8b)) return 'gzip';
  const skippable = ((magic[0] ?? 0) & 0xf0) === 0x50 && begins(magic.subarray(1), 0x2a, 0x4d, 0x18);
  return skippable || begins(magic, 0x28, 0xb5, 0x2f, 0xfd) ? 'zstd' : 'none';
}

/**
 * The compression of a whole archive, by its first six bytes.
 * @throws IgniteError `images/bad-archive` naming one that we do not read
 */
export function archiveCompression(magic: Uint8Array): Compression {
  const other = begins(magic, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)
    ? 'xz'
    : begins(magic, 0x42, 0x5a, 0x68)
      ? 'bzip2'
      : undefined;
  if (other === undefined) return compressionOf(magic);
  throw new IgniteError(
    'images/bad-archive',
    `The archive is compressed with ${other}; unpack it on the way: ${other} -dc FILE | ignite …`,
  );
}

function begins(magic: Uint8Array, ...bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => magic[index] === byte);
}
