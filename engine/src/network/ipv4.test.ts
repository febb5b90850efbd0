import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contains, formatAddress, formatPrefix, overlap, parseAddress, parsePrefix, sizeOf } from './ipv4.ts';

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const prefix = fc
  .tuple(address, fc.integer({ min: 0, max: 32 }))
  .map(([base, length]) => parsePrefix(`${formatAddress(base)}/${length}`) ?? assert.fail());

test('addresses survive printing and parsing', () => {
  fc.assert(fc.property(address, (value) => parseAddress(formatAddress(value)) === value));
});

test('prefixes survive printing and parsing, and hold their first and last address', () => {
  fc.assert(
    fc.property(prefix, (one) => {
      assert.deepEqual(parsePrefix(formatPrefix(one)), one);
      assert.ok(contains(one, one.base) && contains(one, one.base + sizeOf(one) - 1));
      assert.ok(!contains(one, one.base + sizeOf(one)));
    }),
  );
});

test('overlap is symmetric and reflexive', () => {
  fc.assert(
    fc.property(prefix, prefix, (a, b) => overlap(a, b) === overlap(b, a) && overlap(a, a) && overlap(b, b)),
  );
});

test('what is no address is refused', () => {
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    ' 1.2.3.4',
    '1.2.3.x',
    '::1',
    '-1.2.3.4',
  ])
    assert.equal(parseAddress(text), undefined, text);
  for (const text of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', 'default'])
    assert.equal(parsePrefix(text), undefined, text);
  assert.deepEqual(parsePrefix('10.1.2.3'), { base: parseAddress('10.1.2.3'), length: 32 });
});
