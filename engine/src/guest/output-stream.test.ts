import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { createStreamState } from '@ignite/api';
import { CHANNEL } from '@ignite/protocol';
import { createOutput } from './output-stream.ts';

test('what a command said last is handed out where its agent took no credit any more and went', async () => {
  const pipe = new Duplex({ highWaterMark: 1, read() {}, write() {} }); // deaf
  pipe.write('what it never takes');
  const output = createOutput(pipe, createStreamState(1, 'opener'), CHANNEL.OUT);
  const told = buffer(output.readable);
  output.push(Buffer.from('last words'));
  output.end();
  pipe.destroy();
  assert.equal((await told).toString(), 'last words');
  assert.deepEqual([pipe.listenerCount('drain'), pipe.listenerCount('close')], [0, 0]);
});
