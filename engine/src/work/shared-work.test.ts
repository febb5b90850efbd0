import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError, type Progress } from '@ignite/api';
import { createSharedWork } from './shared-work.ts';

function caller() {
  const stop = new AbortController();
  const heard: Progress[] = [];
  return { stop, heard, signal: stop.signal, report: (progress: Progress) => void heard.push(progress) };
}
const isCancelled = (error: unknown) => isIgniteError(error, 'host/cancelled');

test('RAC-05: callers of one key share one run and its reports', async () => {
  const work = createSharedWork<number>('The work');
  const [a, b] = [caller(), caller()];
  const go = Promise.withResolvers<void>();
  let runs = 0;
  const job = async (shared: { report: (p: Progress) => void }) => {
    runs += 1;
    await go.promise;
    shared.report({ kind: 'note', text: 'hi' });
    return 7;
  };
  const results = [work.run('k', a, job), work.run('k', b, job)];
  go.resolve();
  assert.deepEqual(await Promise.all(results), [7, 7]);
  assert.equal(runs, 1);
  assert.equal(a.heard.length + b.heard.length, 2);
});

test('one caller leaves, the work goes on; the last one ends it and waits for its cleaning', async () => {
  const work = createSharedWork<number>('The work');
  const [a, b, c] = [caller(), caller(), caller()];
  const cleaned = Promise.withResolvers<void>();
  let stopped = false;
  const job = async (shared: { signal: AbortSignal }) => {
    await new Promise((resolve) => shared.signal.addEventListener('abort', resolve));
    stopped = true;
    await cleaned.promise;
    throw new Error('broken off');
  };
  const [first, second] = [work.run('k', a, job), work.run('k', b, job)];
  a.stop.abort();
  await assert.rejects(first, isCancelled);
  assert.equal(stopped, false);
  b.stop.abort();
  const third = work.run('k', c, async () => 1); // begins anew, after the cleaning
  let left = false;
  const watch = second.catch(() => {}).then(() => (left = true));
  await new Promise(setImmediate);
  assert.deepEqual([stopped, left], [true, false]);
  cleaned.resolve();
  await assert.rejects(second, isCancelled);
  await watch;
  assert.equal(await third, 1);
});

test('a failure reaches all, and the next run begins anew', async () => {
  const work = createSharedWork<number>('The work');
  const results = [caller(), caller()].map((one) =>
    work.run('k', one, () => Promise.reject(new Error('no'))),
  );
  for (const result of results) await assert.rejects(result, /no/);
  assert.equal(await work.run('k', caller(), async () => 2), 2);
});
