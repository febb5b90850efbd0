import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restartDelayMs, shouldRestart } from './restart-policy.ts';

const asked = { asked: true, rebooted: false, success: true };
const failed = { asked: false, rebooted: false, success: false };
const well = { asked: false, rebooted: false, success: true };
const rebooted = { asked: false, rebooted: true, success: true };

for (const [name, maximumRetryCount, end, restarts, expected] of [
  ['always', 0, asked, 0, false],
  ['always', 0, well, 99, true],
  ['unless-stopped', 0, failed, 0, true],
  ['on-failure', 0, well, 0, false],
  ['on-failure', 0, failed, 99, true],
  ['on-failure', 3, failed, 2, true],
  ['on-failure', 3, failed, 3, false],
  ['on-failure', 3, rebooted, 9, true],
  ['no', 0, rebooted, 0, false],
  ['no', 0, failed, 0, false],
] as const)
  test(`${name}:${maximumRetryCount} after ${restarts} restarts and ${JSON.stringify(end)}: ${expected}`, () => {
    assert.equal(shouldRestart({ name, maximumRetryCount }, end, restarts), expected);
  });

test('the delay doubles and is bounded', () => {
  assert.equal(restartDelayMs(0), 100);
  assert.equal(restartDelayMs(3), 800);
  assert.equal(restartDelayMs(1000), 60_000);
});
