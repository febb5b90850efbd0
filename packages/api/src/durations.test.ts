import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSeconds } from './durations.ts';

test('durations as Go writes them', () => {
  assert.equal(readSeconds('30s'), 30);
  assert.equal(readSeconds('1m30s'), 90);
  assert.equal(readSeconds('1h0.5m'), 3630);
  assert.equal(readSeconds('500ms'), 0.5);
  assert.equal(readSeconds('0'), 0);
  assert.equal(readSeconds('2.5'), 2.5);
  for (const wrong of ['', 's', '-1s', '1 s', '1d', '1s2'])
    assert.throws(() => readSeconds(wrong), RangeError);
});
