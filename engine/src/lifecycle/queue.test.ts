import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { createVmQueues } from './queue.ts';

test('RAC-01: operations on one VM run in order, on two VMs at once', async () => {
  const queues = createVmQueues();
  const gate = Promise.withResolvers<void>();
  const log: string[] = [];

  const first = queues.run('a', async () => {
    await gate.promise;
    log.push('a1');
  });
  const second = queues.run('a', async () => void log.push('a2'));
  await queues.run('b', async () => void log.push('b1'));
  gate.resolve();
  await Promise.all([first, second]);

  assert.deepEqual(log, ['b1', 'a1', 'a2']);
  assert.equal(queues.busy('a'), false);
});

test('a newer intent aborts what runs and what waits, and runs after the old one let go', async () => {
  const queues = createVmQueues();
  const log: string[] = [];

  const running = queues.run('a', async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    log.push('cleaned up');
    throw signal.reason;
  });
  const waiting = queues.run('a', async () => void log.push('never'));
  await Promise.resolve();
  const newest = queues.run('a', async () => void log.push('newest'), { preempt: true });

  const superseded = (error: unknown) => isIgniteError(error, 'lifecycle/superseded');
  await Promise.all([assert.rejects(running, superseded), assert.rejects(waiting, superseded), newest]);
  assert.deepEqual(log, ['cleaned up', 'newest']);
});

test('a newer intent leaves alone what wants the same, and runs after it; what waits between them goes', async () => {
  const queues = createVmQueues();
  const gate = Promise.withResolvers<void>();
  const log: string[] = [];
  const stop = (name: string) => async (signal: AbortSignal) => {
    await gate.promise;
    signal.throwIfAborted();
    log.push(name);
  };
  const ends = { preempt: true, aim: 'stop', spares: ['stop', 'kill'] };

  const first = queues.run('a', stop('first'), ends);
  const start = queues.run('a', async () => void log.push('never'));
  const second = queues.run('a', stop('second'), ends);
  gate.resolve();

  const superseded = (error: unknown) => isIgniteError(error, 'lifecycle/superseded');
  await Promise.all([first, second, assert.rejects(start, superseded)]);
  assert.deepEqual(log, ['first', 'second']);
});

test('a failed operation does not fail the next', async () => {
  const queues = createVmQueues();

  const failing = queues.run('a', () => Promise.reject(new Error('no')));
  const next = queues.run('a', async () => 'yes');

  await assert.rejects(failing, /no/);
  assert.equal(await next, 'yes');
});
