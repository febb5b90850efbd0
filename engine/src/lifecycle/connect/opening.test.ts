import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginOpening, joinKept, type Kept } from './opening.ts';

function world() {
  const opened = Promise.withResolvers<string>();
  const opening = beginOpening(
    (signal) => {
      signal.addEventListener('abort', () => opened.reject(new Error('given up')), { once: true });
      return opened.promise;
    },
    () => new Error('late'),
  );
  return { opened, opening };
}

test('one that gives up goes alone; the others get what was opened', async () => {
  const { opened, opening } = world();
  const [first, second] = [new AbortController(), new AbortController()];
  const [hasty, patient] = [opening.join(first.signal), opening.join(second.signal)];
  first.abort();
  await assert.rejects(hasty, /late/);
  opened.resolve('open');
  assert.equal(await patient, 'open');
  second.abort();
  assert.equal(await opening.join(second.signal), 'open');
  assert.equal(opening.givenUp, false);
});

test('two that give up at one moment give it up', async () => {
  const { opening } = world();
  const stop = new AbortController();
  const both = [opening.join(stop.signal), opening.join(stop.signal)];
  stop.abort();
  await Promise.allSettled(both);
  assert.equal(opening.givenUp, true);
});

test('when all have gone it is given up', async () => {
  const { opening } = world();
  const [first, second] = [new AbortController(), new AbortController()];
  const both = [opening.join(first.signal), opening.join(second.signal)];
  first.abort();
  await assert.rejects(both[0] ?? Promise.resolve(), /late/);
  second.abort();
  await assert.rejects(both[1] ?? Promise.resolve(), /given up/);
  assert.equal(opening.givenUp, true);
});

test('one connection is kept until it ends; one that was given up is waited for, and another begun', async () => {
  interface Connection {
    readonly number: number;
    readonly closed: Promise<void>;
  }
  const kept: Kept<Connection> = {};
  const closed = Promise.withResolvers<void>();
  let begun = 0;
  const begin = (open: (signal: AbortSignal) => Promise<Connection>) => () => {
    begun += 1;
    return beginOpening(open, () => new Error('late'));
  };
  const opens = begin(async () => ({ number: begun, closed: closed.promise }));
  const hangs = begin(
    (signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('given up'))),
      ),
  );
  const patient = new AbortController().signal;
  const hasty = new AbortController();
  const first = joinKept(kept, hangs, hasty.signal);
  hasty.abort();
  const second = joinKept(kept, opens, patient);
  await assert.rejects(first, /given up/);
  assert.equal((await second).number, 2);
  assert.equal(await joinKept(kept, opens, patient), await second);
  closed.resolve();
  await new Promise(setImmediate);
  assert.equal((await joinKept(kept, opens, patient)).number, 3);
  await assert.rejects(
    joinKept(
      {},
      () => {
        throw new Error('not running');
      },
      patient,
    ),
    /not running/,
  );
});
