import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { unlessAborted } from './unless-aborted.ts';

test('the fact, or the error of whoever does not wait for it any more', async () => {
  const { signal, abort } = giver();
  assert.equal(await unlessAborted(Promise.resolve(1), signal), 1);
  await assert.rejects(unlessAborted(Promise.reject(new Error('none')), signal), /none/);
  const waiting = unlessAborted(new Promise(() => {}), signal);
  const told = unlessAborted(new Promise(() => {}), signal, (reason) => new Error(`late: ${String(reason)}`));
  abort('enough');
  await assert.rejects(waiting, (reason) => reason === 'enough');
  await assert.rejects(told, /late: enough/);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('what is known already is told to one who is too late', async () => {
  const { signal, abort } = giver();
  abort('enough');
  assert.equal(await unlessAborted(Promise.resolve(1), signal), 1);
  await assert.rejects(unlessAborted(new Promise(() => {}), signal), (reason) => reason === 'enough');
});

function giver() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: string) => controller.abort(reason) };
}
