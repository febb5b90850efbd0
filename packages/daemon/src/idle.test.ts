import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchIdle } from './idle.ts';

const AFTER_MS = 1000;

test('it ends after the time without a request, and not before', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let ended = 0;
  using watch = watchIdle({ busy: () => false, afterMs: AFTER_MS, onIdle: () => (ended += 1) });

  t.mock.timers.tick(AFTER_MS - 1);
  watch.request()[Symbol.dispose]();
  t.mock.timers.tick(AFTER_MS - 1);
  assert.equal(ended, 0);
  t.mock.timers.tick(1);
  assert.equal(ended, 1);
});

test('an open request and a running VM keep it', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let ended = 0;
  let busy = true;
  using watch = watchIdle({ busy: () => busy, afterMs: AFTER_MS, onIdle: () => (ended += 1) });
  const request = watch.request();

  t.mock.timers.tick(AFTER_MS * 3);
  busy = false;
  t.mock.timers.tick(AFTER_MS * 3);
  assert.equal(ended, 0);
  request[Symbol.dispose]();
  t.mock.timers.tick(AFTER_MS);
  assert.equal(ended, 1);
});
