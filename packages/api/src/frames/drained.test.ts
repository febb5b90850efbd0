import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { drained } from './drained.ts';

const listeners = (stream: PassThrough): number =>
  ['drain', 'close', 'error'].reduce((sum, event) => sum + stream.listenerCount(event), 0);

test('waiting for room leaves no listener, however often and whatever ends it', async () => {
  const stream = new PassThrough({ highWaterMark: 10 });
  const before = listeners(stream);
  for (let count = 0; count < 50; count += 1) {
    assert.equal(stream.write('longer than ten'), false);
    const room = drained(stream);
    stream.read();
    await room;
  }
  assert.equal(listeners(stream), before);
  stream.write('longer than ten');
  const over = drained(stream);
  stream.destroy(new Error('broken'));
  await assert.rejects(over, /broken/);
  assert.equal(listeners(stream), before);
});
