import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOOK_MS, watchPace } from './watch-pace.ts';

test('what comes on is left alone; what hardly does is told once, and what is whole never', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let received = 0;
  let told = 0;
  const look = (bytes: number) => {
    received += bytes;
    t.mock.timers.tick(LOOK_MS);
    return told;
  };
  const pace = watchPace(
    () => received,
    10 << 20,
    () => {
      told += 1;
    },
  );
  assert.deepEqual([look(1 << 20), look(1 << 20), look(1000), look(0)], [0, 0, 1, 1]);
  pace[Symbol.dispose]();

  using _whole = watchPace(
    () => received,
    received,
    () => assert.fail('it is whole'),
  );
  look(0);
});
