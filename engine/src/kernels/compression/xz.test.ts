import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIgniteError } from '@ignite/api';
import { decodeXz } from './xz.ts';

// `printf 'hello hello hello\n' | xz --check=crc64`, made once with xz-utils 5.4.1
const HELLO = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AARAAxdADQZSe6N6U9+ISGwAAAfAdnIh8FDyAABKBLJamKOH7bzfQEAAAAABFla',
  'base64',
);

function decodeAll(bytes: Uint8Array): Buffer {
  return Buffer.concat([...decodeXz(bytes)].map((piece) => Buffer.from(piece)));
}

test('a stream made by xz is decoded, and bytes behind it are ignored', () => {
  assert.equal(decodeAll(HELLO).toString(), 'hello hello hello\n');
  assert.equal(
    decodeAll(Buffer.concat([HELLO, Buffer.from([1, 2, 3, 4])])).toString(),
    'hello hello hello\n',
  );
});

test('every cut and every changed byte is noticed', () => {
  for (let length = 0; length < HELLO.length - 12; length += 1) {
    assert.throws(() => decodeAll(HELLO.subarray(0, length)), isCorrupt, `cut to ${length}`);
  }
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: HELLO.length - 13 }),
      fc.integer({ min: 1, max: 255 }),
      (at, flip) => {
        const changed = Buffer.from(HELLO);
        changed[at] = (changed[at] ?? 0) ^ flip;
        // a changed property may decode to the same bytes
        if (!givesTheSame(changed)) assert.throws(() => decodeAll(changed), isCorrupt);
      },
    ),
    { numRuns: 200 },
  );
});

test('arbitrary bytes end in an error of the catalogue', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const framed = Buffer.concat([HELLO.subarray(0, 24), bytes]);
      assert.throws(() => decodeAll(framed), isCorrupt);
    }),
    { numRuns: 200 },
  );
});

function givesTheSame(bytes: Buffer): boolean {
  try {
    return decodeAll(bytes).equals(decodeAll(HELLO));
  } catch {
    return false;
  }
}

function isCorrupt(error: unknown): boolean {
  return isIgniteError(error, 'kernels/corrupt');
}
