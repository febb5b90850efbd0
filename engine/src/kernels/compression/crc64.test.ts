import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc64Bytes, newCrc64, updateCrc64 } from './crc64.ts';

test('the check value of CRC-64/XZ, however the bytes are cut', () => {
  // "123456789" → 0x995dc9bbdf1939fa, the catalogue of parametrised CRC algorithms
  const bytes = Buffer.from('123456789');
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const crc = newCrc64();
    updateCrc64(crc, bytes.subarray(0, cut));
    updateCrc64(crc, bytes.subarray(cut));
    assert.equal(crc64Bytes(crc).readBigUInt64LE().toString(16), '995dc9bbdf1939fa');
  }
});
