import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginGrace } from './grace.ts';

test('a grace is shortened by a shorter one, and by no longer one', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const grace = beginGrace(60_000);
  grace.shorten(600_000);
  t.mock.timers.tick(0);
  assert.equal(grace.over.aborted, false);
  grace.shorten(1_000);
  t.mock.timers.tick(1_000);
  assert.equal(grace.over.aborted, true);
});

test('a grace that is not needed any more never ends', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const grace = beginGrace(10);
  grace[Symbol.dispose]();
  t.mock.timers.tick(10);
  assert.equal(grace.over.aborted, false);
});
