import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import { asFailure, boundOfEnd, fromFailure } from './failure.ts';
import { readFromWorker, readToWorker } from './messages.ts';

test('an error and its causes survive the way to the daemon', () => {
  const error = new IgniteError('images/bad-layer', 'Cannot apply it', {
    cause: new Error('middle', { cause: new Error('inner') }),
  });
  const message = readFromWorker(JSON.parse(JSON.stringify(asFailure(error))));
  assert.ok(message?.type === 'failed');
  const back = fromFailure(message);
  assert.deepEqual([back.code, back.message], [error.code, error.message]);
  assert.ok(back.cause instanceof Error && back.cause.cause instanceof Error);
  assert.deepEqual([back.cause.message, back.cause.cause.message], ['middle', 'inner']);
});

test('a full disk keeps its name; anything else is a failed worker', () => {
  assert.equal(asFailure(Object.assign(new Error('x'), { code: 'ENOSPC' })).code, 'host/disk-full');
  assert.equal(asFailure('odd').code, 'images/worker-died');
});

test('messages that are none are not heard', () => {
  for (const odd of [
    undefined,
    'x',
    { type: 'root' },
    { type: 'failed', code: 'x/y', message: '', causes: [] },
  ])
    assert.equal(readFromWorker(odd), undefined);
  assert.equal(readToWorker({ type: 'job', job: { kind: 'exec' } }), undefined);
});

test('what was refused by a bound is known by its first cause, whatever it was called on the way', () => {
  const memory = new RangeError('Array buffer allocation failed');
  const layer = new IgniteError('images/bad-layer', 'Layer x cannot be unpacked', { cause: memory });
  assert.equal(asFailure(layer).bound, 'memory');
  assert.equal(asFailure(Object.assign(new Error('EFBIG'), { code: 'EFBIG' })).bound, 'file');
  assert.equal(asFailure(new IgniteError('images/bad-layer', 'no')).bound, undefined);
});

test('a process that V8 or the kernel ended for a bound is told from one that was killed', () => {
  const heap = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
  assert.equal(boundOfEnd('SIGABRT', heap), 'memory');
  assert.equal(boundOfEnd('SIGABRT', 'what():  std::bad_alloc'), 'memory');
  assert.equal(boundOfEnd('SIGXFSZ', ''), 'file');
  assert.equal(boundOfEnd('SIGKILL', heap), undefined);
  assert.equal(boundOfEnd('SIGSEGV', ''), undefined);
});
