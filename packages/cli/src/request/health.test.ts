import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArgv } from '../argv/index.ts';
import { commandTree } from '../commands/index.ts';
import { readHealth } from './health.ts';

function health(words: readonly string[], base?: Parameters<typeof readHealth>[1]) {
  const read = readArgv(commandTree, ['create', ...words, 'image']);
  if ('error' in read) throw read.error;
  return readHealth(read.flags, base);
}

test("Docker's flags", () => {
  const words = ['--health-cmd', 'a b', '--health-interval=1m30s', '--health-timeout', '500ms'];
  assert.deepEqual(health([...words, '--health-retries', '5', '--health-start-period', '2s']), {
    kind: 'exec',
    command: ['/bin/sh', '-c', 'a b'],
    interval: 90,
    timeout: 0.5,
    retries: 5,
    startPeriod: 2,
  });
  assert.deepEqual(health(['--no-healthcheck']), { kind: 'none' });
  assert.equal(health([]), undefined);
});

test('our kinds', () => {
  assert.deepEqual(health(['--health-http', '8080/ready?x']), { kind: 'http', port: 8080, path: '/ready?x' });
  assert.deepEqual(health(['--health-http', ':80']), { kind: 'http', port: 80 });
  assert.deepEqual(health(['--health-tcp', '5432']), { kind: 'tcp', port: 5432 });
  assert.deepEqual(health(['--health-agent']), { kind: 'agent' });
});

test('times alone keep the manifest’s check; a kind replaces it and keeps its times', () => {
  const base = { kind: 'tcp', port: 80, interval: 7 } as const;
  assert.deepEqual(health(['--health-retries', '1'], base), { ...base, retries: 1 });
  assert.deepEqual(health(['--health-agent'], base), { kind: 'agent', interval: 7 });
  assert.deepEqual(health(['--health-interval', '1s']), { interval: 1 });
});

test('what does not go together, and what is no duration, is a usage error', () => {
  const wrong = { code: 'cli/usage' };
  assert.throws(() => health(['--health-agent', '--health-tcp', '80']), wrong);
  assert.throws(() => health(['--no-healthcheck', '--health-retries', '1']), wrong);
  assert.throws(() => health(['--health-interval', 'soon']), wrong);
  assert.throws(() => health(['--health-http', 'x']), wrong);
});
