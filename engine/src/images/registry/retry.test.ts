import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError, isIgniteError } from '@ignite/api';
import type { Clock } from '../../host/index.ts';
import { withRetry } from './retry.ts';

function fakeClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(0),
    monotonicMs: () => 0,
    sleep: async (ms) => {
      slept.push(ms);
    },
  };
}

const plan = (clock: Clock) => ({ attempts: 4, backoffMs: 100, clock, signal: new AbortController().signal });
const down = (details = {}) => new IgniteError('images/registry-down', 'Down', { details });

test('pauses double, and the last failure is thrown', async () => {
  const clock = fakeClock();
  await assert.rejects(
    withRetry(plan(clock), () => Promise.reject(down())),
    (error) => isIgniteError(error, 'images/registry-down'),
  );
  assert.deepEqual(clock.slept, [100, 200, 400]);
});

test('progress starts the count anew', async () => {
  const clock = fakeClock();
  let calls = 0;
  const result = await withRetry(plan(clock), async (progressed) => {
    calls += 1;
    if (calls < 9) {
      progressed();
      throw down();
    }
    return 'done';
  });
  assert.equal(result, 'done');
  assert.deepEqual(new Set(clock.slept), new Set([100]));
});

test('what will not pass is not tried again; what asks for too long is not waited for', async () => {
  for (const error of [new IgniteError('images/not-found', 'None'), down({ retryAfterSeconds: 3600 })]) {
    const clock = fakeClock();
    await assert.rejects(
      withRetry(plan(clock), () => Promise.reject(error)),
      error,
    );
    assert.deepEqual(clock.slept, []);
  }
});

test('a registry is given the pause it asks for', async () => {
  const clock = fakeClock();
  let calls = 0;
  await withRetry(plan(clock), async () => {
    calls += 1;
    if (calls === 1)
      throw new IgniteError('images/rate-limited', 'Slow', { details: { retryAfterSeconds: 7 } });
  });
  assert.deepEqual(clock.slept, [7000]);
});

test('nobody listens: told after two short pauses, unless the registry was met before', async () => {
  const refusal = () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    return new IgniteError('images/registry-down', 'Down', { cause });
  };
  for (const [met, slept] of [
    [false, [100, 200]],
    [true, [100, 200, 400]],
  ] as const) {
    const clock = fakeClock();
    await assert.rejects(withRetry({ ...plan(clock), met }, () => Promise.reject(refusal())));
    assert.deepEqual(clock.slept, slept);
  }
  const clock = fakeClock();
  let calls = 0;
  await assert.rejects(withRetry(plan(clock), () => Promise.reject((calls += 1) === 1 ? down() : refusal())));
  assert.deepEqual(clock.slept, [100, 200, 400]); // a reset: it is there
});
