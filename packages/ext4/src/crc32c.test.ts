import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c, crc32cUint32 } from './crc32c.ts';

/** With the final inversion others use. */
const usual = (bytes: Uint8Array): number => (crc32c(0xffffffff, bytes) ^ 0xffffffff) >>> 0;

test('known values (RFC 3720, appendix B.4)', () => {
  assert.equal(usual(Buffer.from('123456789')), 0xe3069283);
  assert.equal(usual(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(usual(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  assert.equal(usual(Uint8Array.from({ length: 32 }, (_none, index) => index)), 0x46dd794e);
});

test('parts give what the whole gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const middle = Math.min(cut, bytes.length);
      const first = crc32c(0xffffffff, bytes, 0, middle);
      assert.equal(crc32c(first, bytes, middle), crc32c(0xffffffff, bytes));
    }),
  );
  assert.equal(crc32cUint32(5, 0x04030201), crc32c(5, Uint8Array.of(1, 2, 3, 4)));
});
