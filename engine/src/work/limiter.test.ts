import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { createLimiter } from './limiter.ts';

const signal = new AbortController().signal;

test('never more than the places, in order, failures give their place back', async () => {
  const limiter = createLimiter(2);
  let now = 0;
  let most = 0;
  const order: number[] = [];
  const work = async (n: number) => {
    using _ = await limiter.enter(signal);
    now += 1;
    most = Math.max(most, now);
    order.push(n);
    await new Promise(setImmediate);
    now -= 1;
    if (n % 2 === 0) throw new Error('no');
  };
  await Promise.allSettled([0, 1, 2, 3, 4, 5].map(work));
  assert.equal(most, 2);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5]);
});

test('who gives up waiting for a place does not take one', async () => {
  const limiter = createLimiter(1);
  const place = await limiter.enter(signal);
  const impatient = new AbortController();
  const waiting = limiter.enter(impatient.signal);
  const patient = limiter.enter(signal);

  impatient.abort(new Error('enough'));
  await assert.rejects(waiting, (error) => isIgniteError(error, 'host/cancelled'));
  place[Symbol.dispose]();
  place[Symbol.dispose](); // once is enough: the second gives nothing away

  using next = await patient;
  assert.ok(next);
  const late = new AbortController();
  const barred = limiter.enter(late.signal);
  late.abort();
  await assert.rejects(barred, (error) => isIgniteError(error, 'host/cancelled'));
});
