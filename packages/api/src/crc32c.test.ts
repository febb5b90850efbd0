import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c, extendCrc32c, extendCrc32cUint32 } from './crc32c.ts';

test('known values (RFC 3720, appendix B.4)', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_none, index) => index)), 0x46dd794e);
});

test('parts give what the whole gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const middle = Math.min(cut, bytes.length);
      const first = extendCrc32c(0xffffffff, bytes, 0, middle);
      assert.equal(extendCrc32c(first, bytes, middle), extendCrc32c(0xffffffff, bytes));
    }),
  );
  assert.equal(extendCrc32cUint32(5, 0x04030201), extendCrc32c(5, Uint8Array.of(1, 2, 3, 4)));
});
