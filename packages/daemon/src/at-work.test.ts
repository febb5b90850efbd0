import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAtWork } from './at-work.ts';

test('what is at work is waited for, and what hangs is not waited for for ever', async () => {
  const atWork = createAtWork();
  await atWork.done(60_000);
  const slow = Promise.withResolvers<void>();
  atWork.add(slow.promise);
  const seen: string[] = [];
  const done = atWork.done(60_000).then(() => seen.push('done'));
  setImmediate(() => {
    seen.push('ended');
    slow.resolve();
  });
  await done;
  assert.deepEqual(seen, ['ended', 'done']);

  atWork.add(new Promise(() => {}));
  await atWork.done(1);
});
