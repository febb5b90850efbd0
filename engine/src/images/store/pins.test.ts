import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPins } from './pins.ts';

test('a digest is pinned until its last holder lets go; letting go twice counts once', () => {
  const pins = createPins();
  const [a, b] = [pins.hold(['x', 'y']), pins.hold(['x'])];
  a[Symbol.dispose]();
  a[Symbol.dispose]();
  assert.deepEqual([pins.has('x'), pins.has('y')], [true, false]);
  b[Symbol.dispose]();
  assert.equal(pins.has('x'), false);
});

test('everything can be pinned', () => {
  const pins = createPins();
  const all = pins.holdAll();
  assert.equal(pins.has('anything'), true);
  all[Symbol.dispose]();
  assert.equal(pins.has('anything'), false);
});
