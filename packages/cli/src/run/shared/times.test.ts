import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTime } from './times.ts';

const now = new Date('2026-01-01T12:00:00Z');

test('times as Docker takes them, and none that no calendar has', () => {
  assert.equal(parseTime('--since', '10m', now), '2026-01-01T11:50:00.000Z');
  assert.equal(parseTime('--since', '1767225600', now), '2026-01-01T00:00:00.000Z');
  for (const word of ['99999999999999999', '999999999999d', 'yesterday', '2026-13-01'])
    assert.throws(() => parseTime('--since', word, now), { code: 'cli/usage' }, word);
});
