import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { decompress, detectCompression } from './decompress.ts';

const TEXT = Buffer.from('the same words again and again and again and again');
/** `lz4 -l` of lz4 1.9.4 over TEXT, made once. */
const LZ4 = Buffer.from('AiFMGCMAAAD/CXRoZSBzYW1lIHdvcmRzIGFnYWluIGFuZAoAAlBhZ2Fpbg==', 'base64');

test('each packing is told by its magic and unpacked', () => {
  const cases = { gzip: gzipSync(TEXT), zstd: zstdCompressSync(TEXT), lz4: LZ4 } as const;
  for (const [name, bytes] of Object.entries(cases)) {
    assert.equal(detectCompression(bytes), name);
    assert.ok(decompress(bytes, name as keyof typeof cases, 1000).equals(TEXT), name);
    assert.throws(
      () => decompress(bytes, name as keyof typeof cases, 10),
      isCorrupt,
      `${name} over the limit`,
    );
    assert.throws(
      () => decompress(bytes.subarray(0, bytes.length - 9), name as keyof typeof cases, 1000),
      `${name} cut`,
    );
  }
  assert.equal(detectCompression(TEXT), undefined);
});

test('a packing that we do not read is refused by name', () => {
  const bytes = Buffer.from('BZh91AY', 'latin1');
  assert.equal(detectCompression(bytes), 'bzip2');
  assert.throws(
    () => decompress(bytes, 'bzip2', 100),
    (error) => isIgniteError(error, 'kernels/unsupported-compression') && error.message.includes('bzip2'),
  );
});

function isCorrupt(error: unknown): boolean {
  return isIgniteError(error, 'kernels/corrupt');
}
