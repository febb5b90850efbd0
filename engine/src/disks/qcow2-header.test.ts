import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CLUSTER_BYTES, emptyQcow2 } from './qcow2-header.ts';

test('the header names the backing file and the size', () => {
  const file = emptyQcow2('/var/lib/ignite/images/base/a.ext4', 4 * 1024 ** 3);
  assert.equal(file.length, 4 * CLUSTER_BYTES);
  assert.equal(file.toString('latin1', 0, 3), 'QFI');
  const nameAt = Number(file.readBigUInt64BE(8));
  assert.equal(
    file.toString('utf8', nameAt, nameAt + file.readUInt32BE(16)),
    '/var/lib/ignite/images/base/a.ext4',
  );
  assert.equal(file.readBigUInt64BE(24), BigInt(4 * 1024 ** 3));
  assert.equal(file.readUInt32BE(36), 8, 'one L1 entry for each 512 MiB');
});

test('every cluster of the file has one reference, whatever the size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 35 }), (sectors) => {
      const file = emptyQcow2('/b', sectors * 512);
      const clusters = file.length / CLUSTER_BYTES;
      assert.ok(file.readUInt32BE(36) * 8 <= (clusters - 3) * CLUSTER_BYTES, 'the L1 table fits');
      const counts = Array.from({ length: clusters + 1 }, (_, i) =>
        file.readUInt16BE(2 * CLUSTER_BYTES + i * 2),
      );
      assert.deepEqual(counts, [...Array<number>(clusters).fill(1), 0]);
    }),
    { numRuns: 30 },
  );
});

test('sizes and paths that qcow2 cannot hold are refused', () => {
  assert.throws(() => emptyQcow2('/b', 0), RangeError);
  assert.throws(() => emptyQcow2('/b', 513), RangeError);
  assert.throws(() => emptyQcow2(`/${'x'.repeat(1023)}`, 512), RangeError);
  assert.throws(() => emptyQcow2('', 512), RangeError);
});
