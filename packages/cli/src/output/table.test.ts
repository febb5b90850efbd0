import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableLines } from './table.ts';

test('columns are as wide as their widest cell, of however many rows', () => {
  assert.deepEqual(tableLines(['A', 'B'], [['long', 'x']]), ['A      B', 'long   x']);
  const rows = Array.from({ length: 300_000 }, () => ['ab', 'c']);
  assert.equal(tableLines(['A', 'B'], rows).at(-1), 'ab   c');
});
