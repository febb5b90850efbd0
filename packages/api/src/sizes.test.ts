import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIgniteError } from './errors/index.ts';
import { displaySize, formatSize, parseSize } from './sizes.ts';

const K = 1024;

test('API-T01: sizes in the original’s grammar', () => {
  const table: readonly [string, number][] = [
    ['0', 0],
    ['17', 17],
    ['17b', 17],
    ['1 byte', 1],
    ['1k', K],
    ['1KB', K],
    ['1kB', K],
    ['2kilobytes', 2 * K],
    ['512MB', 512 * K ** 2],
    ['512 mega', 512 * K ** 2],
    ['1gigabyte', K ** 3],
    ['4GB', 4 * K ** 3],
    ['1t', K ** 4],
    ['1PB', K ** 5],
    ['3  gb ', 3 * K ** 3],
  ];
  for (const [text, bytes] of table) {
    assert.equal(parseSize(text, 'original'), bytes, text);
    assert.equal(parseSize(text), bytes, text);
  }
});

test('our own grammar also knows KiB and its like', () => {
  assert.equal(parseSize('512m'), 512 * K ** 2);
  assert.equal(parseSize('3GiB'), 3 * K ** 3);
  assert.equal(parseSize('3gi'), 3 * K ** 3);
  assert.throws(() => parseSize('3GiB', 'original'));
});

test('bits, fractions, signs, unknown units and overflow are errors', () => {
  for (const text of [
    'Kb',
    '1Kb',
    '1Mb',
    '1Eb',
    '1.5GB',
    '-1',
    '+1',
    '',
    'GB',
    '1xb',
    '1 G B',
    '1e3',
    '0x10',
    '8EB',
    '9999999999999999',
    '99999999999999999999999',
    ' 1',
    '1\n',
  ]) {
    assert.throws(
      () => parseSize(text),
      (error) => isIgniteError(error, 'api/invalid-size'),
      text,
    );
  }
});

test('serialised: the largest unit that divides exactly', () => {
  const table: readonly [number, string][] = [
    [0, '0B'],
    [123_456_789, '123456789B'],
    [1500 * K ** 2, '1500MB'],
    [275_342 * K, '275342KB'],
    [K ** 3, '1GB'],
    [K ** 5, '1PB'],
  ];
  for (const [bytes, text] of table) assert.equal(formatSize(bytes), text);
});

test('API-T01: displayed: one decimal, a unit only for what is strictly greater', () => {
  const table: readonly [number, string][] = [
    [0, '0 B'],
    [1024, '1024 B'],
    [1025, '1.0 KB'],
    [512 * K ** 2, '512.0 MB'],
    [K ** 3, '1024.0 MB'],
    [2 * K ** 3, '2.0 GB'],
    [1280 + K, '2.2 KB'], // 2.25: half goes to the even digit, as in Go
    [2 * K + 768, '2.8 KB'],
  ];
  for (const [bytes, text] of table) assert.equal(displaySize(bytes), text);
});

test('every size reads back as it was written', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      assert.equal(parseSize(formatSize(bytes), 'original'), bytes);
    }),
  );
});

test('any text gives a size or the one error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        const bytes = parseSize(text);
        assert.ok(Number.isSafeInteger(bytes) && bytes >= 0);
      } catch (error) {
        assert.ok(isIgniteError(error, 'api/invalid-size'));
      }
    }),
  );
});
