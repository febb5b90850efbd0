import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSeconds, timerMs } from './durations.ts';

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

test('a wait of any length is one that a timer takes, and none ends at once for being long', async () => {
  for (const seconds of [0, 1.005, 20, 2_147_484, 5_000_000, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE]) {
    const ms = timerMs(seconds * 1000);
    const signal = AbortSignal.timeout(ms); // throws for what is no whole number, or too large a one
    assert.ok(ms >= Math.min(seconds * 1000, 2_147_483_647));
    if (seconds >= 20) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(seconds < 20 || !signal.aborted);
  }
});
