import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginOpening } from './opening.ts';

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
