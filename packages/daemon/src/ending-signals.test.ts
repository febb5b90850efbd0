import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearEndingSignals } from './ending-signals.ts';

function source() {
  const listeners = new Map<string, () => void>();
  const exits: number[] = [];
  return {
    exits,
    send: (name: string) => listeners.get(name)?.(),
    on: (name: string, listener: () => void) => void listeners.set(name, listener),
    exit: (code: number) => void exits.push(code),
  };
}

test('a signal that comes while the daemon begins ends it as soon as it has begun', () => {
  const from = source();
  const told: string[] = [];
  const signals = hearEndingSignals(from);
  from.send('SIGTERM');
  assert.deepEqual([told, from.exits], [[], []]);
  signals.endWith((name) => void told.push(name));
  assert.deepEqual(told, ['SIGTERM']);
  from.send('SIGINT');
  assert.deepEqual([told, from.exits], [['SIGTERM', 'SIGINT'], []]);
});

test('a second one before that ends it at once', () => {
  const from = source();
  hearEndingSignals(from);
  for (const name of ['SIGINT', 'SIGINT']) from.send(name);
  assert.deepEqual(from.exits, [130]);
});
