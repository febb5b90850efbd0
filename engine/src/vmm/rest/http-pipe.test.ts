import assert from 'node:assert/strict';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { restPipe } from './http-pipe.ts';

const soon = () => AbortSignal.timeout(120_000);
const answer = (word: string) => `HTTP/1.1 200 \r\nContent-Length: ${word.length + 2}\r\n\r\n"${word}"`;

function connected() {
  const [ours, theirs] = duplexPair();
  theirs.setEncoding('latin1');
  return { pipe: restPipe('VMM', ours), theirs };
}

test('who gives up goes alone: the others get their own answers', async () => {
  const { pipe, theirs } = connected();
  const hasty = new AbortController();
  const first = pipe.send('GET', '/first', undefined, hasty.signal);
  await once(theirs, 'data');
  const second = pipe.send('GET', '/second', undefined, soon());
  hasty.abort(new Error('late'));
  await assert.rejects(first, /late/);
  theirs.write(answer('first'));
  assert.match(String(await once(theirs, 'data')), /^GET \/second /);
  theirs.write(answer('second'));
  assert.deepEqual(await second, { status: 200, body: 'second' });
});

test('a deadline holds for one that waits for its turn, and what it asked is not sent', async () => {
  const { pipe, theirs } = connected();
  const first = pipe.send('GET', '/first', undefined, soon());
  await once(theirs, 'data');
  const hasty = new AbortController();
  const second = pipe.send('PUT', '/second', undefined, hasty.signal);
  hasty.abort(new Error('late'));
  await assert.rejects(second, /late/);
  theirs.write(answer('first'));
  assert.deepEqual(await first, { status: 200, body: 'first' });
  const third = pipe.send('GET', '/third', undefined, soon());
  assert.match(String(await once(theirs, 'data')), /^GET \/third /);
  theirs.write(answer('third'));
  assert.deepEqual((await third).body, 'third');
});

test('a VMM that stays silent is lost to everyone', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { pipe, theirs } = connected();
  const waiting = [pipe.send('GET', '/a', undefined, soon()), pipe.send('GET', '/b', undefined, soon())];
  await once(theirs, 'data');
  t.mock.timers.tick(60_000);
  for (const one of waiting) await assert.rejects(one, (error) => isIgniteError(error, 'vmm/control-lost'));
  await pipe.closed;
});

test('answers that nobody has asked for are dropped', async () => {
  const { pipe, theirs } = connected();
  const first = pipe.send('GET', '/first', undefined, soon());
  await once(theirs, 'data');
  theirs.write(answer('first') + answer('unasked') + answer('unasked'));
  assert.deepEqual(await first, { status: 200, body: 'first' });
  const second = pipe.send('GET', '/second', undefined, soon());
  await once(theirs, 'data');
  theirs.write(answer('second'));
  assert.deepEqual(await second, { status: 200, body: 'second' });
});
