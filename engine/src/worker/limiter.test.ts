import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { createLimiter } from './limiter.ts';

const signal = new AbortController().signal;

test('never more than the places, in order, failures give their place back', async () => {
  const limit = createLimiter(2);
  let now = 0;
  let most = 0;
  const order: number[] = [];
  const work = (n: number) => async () => {
    now += 1;
    most = Math.max(most, now);
    order.push(n);
    await new Promise(setImmediate);
    now -= 1;
    if (n % 2 === 0) throw new Error('no');
  };
  await Promise.allSettled([0, 1, 2, 3, 4, 5].map((n) => limit(signal, work(n))));
  assert.equal(most, 2);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5]);
});

test('one who waits can leave', async () => {
  const limit = createLimiter(1);
  const go = Promise.withResolvers<void>();
  const first = limit(signal, () => go.promise);
  const stop = new AbortController();
  const second = limit(stop.signal, async () => 'never');
  const third = limit(signal, async () => 'third');
  stop.abort();
  await assert.rejects(second, (error) => isIgniteError(error, 'host/cancelled'));
  go.resolve();
  await first;
  assert.equal(await third, 'third');
});
