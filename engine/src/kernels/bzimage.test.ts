import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { extractVmlinux, isBzImage } from './bzimage.ts';
import { makeBzImage, makeVmlinux } from './testing.ts';

const vmlinux = makeVmlinux('6.1.0-56-cloud-amd64');

test('the payload of a bzImage is found and unpacked', () => {
  for (const pack of [(b: Buffer) => gzipSync(b), (b: Buffer) => withSize(zstdCompressSync(b))]) {
    const image = makeBzImage(pack(vmlinux));
    assert.ok(isBzImage(image));
    assert.ok(extractVmlinux(image).equals(vmlinux));
  }
});

test('a kernel packed otherwise is refused by name', () => {
  const image = makeBzImage(Buffer.from('BZh9 and so on', 'latin1'));
  assert.throws(
    () => extractVmlinux(image),
    (error) => isIgniteError(error, 'kernels/unsupported-compression') && error.message.includes('bzip2'),
  );
});

test('a payload that is cut, or gives another length than promised, is damaged', () => {
  const image = makeBzImage(gzipSync(vmlinux));
  assert.throws(() => extractVmlinux(image.subarray(0, -1)), isCorrupt);
  assert.throws(() => extractVmlinux(makeBzImage(withSize(zstdCompressSync(vmlinux), 1))), isCorrupt);
});

test('other files are no bzImage', () => {
  assert.equal(isBzImage(vmlinux), false);
  assert.equal(isBzImage(Buffer.alloc(0)), false);
});

function withSize(packed: Buffer, more = 0): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(vmlinux.length + more);
  return Buffer.concat([packed, size]);
}

function isCorrupt(error: unknown): boolean {
  return isIgniteError(error, 'kernels/corrupt');
}
