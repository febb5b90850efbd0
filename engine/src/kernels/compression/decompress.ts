// Recognises how bytes are packed by their magic number, and unpacks them with a limit.
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { IgniteError } from '@ignite/api';
import { corrupt } from './corrupt.ts';
import { decodeLz4Legacy, LZ4_LEGACY_MAGIC } from './lz4-legacy.ts';
import { decodeXz, XZ_MAGIC } from './xz.ts';

export type Compression = 'gzip' | 'xz' | 'zstd' | 'lz4' | 'bzip2' | 'lzma' | 'lzo';

/** Magic numbers as the kernel's lib/decompress.c has them; zstd is RFC 8878, lz4 the legacy frame. */
const MAGICS: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['xz', XZ_MAGIC],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['lz4', LZ4_LEGACY_MAGIC],
  ['bzip2', Buffer.from('BZh', 'latin1')],
  ['lzo', Buffer.from([0x89, 0x4c, 0x5a])],
  ['lzma', Buffer.from([0x5d, 0x00, 0x00])],
];

/** What the first bytes say; undefined is none that we know. */
export function detectCompression(bytes: Uint8Array): Compression | undefined {
  for (const [name, magic] of MAGICS) {
    if (magic.equals(bytes.subarray(0, magic.length))) return name;
  }
  return undefined;
}

/**
 * Unpacks the whole of `bytes`.
 * @param limit most bytes that may come out
 * @throws IgniteError `kernels/unsupported-compression` naming it, `kernels/corrupt`
 */
export function decompress(bytes: Uint8Array, compression: Compression, limit: number): Buffer {
  if (compression === 'xz') return gather('xz', decodeXz(bytes), limit);
  if (compression === 'lz4') return gather('lz4', decodeLz4Legacy(bytes), limit);
  if (compression === 'gzip') {
    return guard('gzip', () => gunzipSync(bytes, { maxOutputLength: limit }));
  }
  if (compression === 'zstd') {
    return guard('zstd', () => zstdDecompressSync(bytes, { maxOutputLength: limit, ...ZSTD }));
  }
  throw new IgniteError(
    'kernels/unsupported-compression',
    `Files packed with ${compression} cannot be read`,
    {
      details: { compression },
    },
  );
}

/** The kernel's build uses windows up to 128 MiB (`zstd -22 --ultra`), over zlib's default limit. */
const ZSTD = { params: { [constants.ZSTD_d_windowLogMax]: 27 } };

function gather(format: string, pieces: Iterable<Uint8Array>, limit: number): Buffer {
  const kept: Buffer[] = [];
  let total = 0;
  for (const piece of pieces) {
    total += piece.length;
    if (total > limit) throw corrupt(format, `more than ${limit} bytes come out of it`);
    kept.push(Buffer.from(piece)); // a piece lives only until the next
  }
  return Buffer.concat(kept);
}

function guard(format: string, decode: () => Buffer): Buffer {
  try {
    return decode();
  } catch (cause) {
    throw corrupt(format, 'it cannot be unpacked', cause);
  }
}
