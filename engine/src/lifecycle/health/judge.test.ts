import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthCheck } from '@ignite/api';
import { effectiveCheck, judge, UNKNOWN } from './judge.ts';

const well = { healthy: true, output: '' };
const ill = { healthy: false, output: 'no' };

test("defaults are Docker's, and zero is a default", () => {
  const check = effectiveCheck({ kind: 'agent', interval: 0 }, undefined);
  assert.deepEqual(check, {
    kind: 'agent',
    command: [],
    port: 0,
    path: '/',
    intervalMs: 30_000,
    timeoutMs: 30_000,
    startPeriodMs: 0,
    retries: 3,
  });
});

test('times alone are laid over the image\u2019s check; a kind replaces it; none takes it away', () => {
  const image: HealthCheck = { kind: 'exec', command: ['ok'], interval: 5 };
  assert.equal(effectiveCheck(undefined, image)?.intervalMs, 5_000);
  const laid = effectiveCheck({ interval: 1, retries: 9 }, image);
  assert.deepEqual([laid?.command, laid?.intervalMs, laid?.retries], [['ok'], 1_000, 9]);
  assert.deepEqual(effectiveCheck({ kind: 'tcp', port: 80 }, image)?.command, []);
  assert.equal(effectiveCheck({ kind: 'none' }, image), undefined);
  assert.equal(effectiveCheck({ interval: 1 }, undefined), undefined);
});

test('an image is not asked more than once a second; who makes the VM may ask more often', () => {
  const image: HealthCheck = { kind: 'exec', command: ['ok'], interval: 1e-9 };
  assert.equal(effectiveCheck(undefined, image)?.intervalMs, 1_000);
  assert.equal(effectiveCheck({ interval: 0.05 }, image)?.intervalMs, 50);
  assert.equal(effectiveCheck(undefined, { ...image, interval: 0 })?.intervalMs, 30_000);
});

test('unhealthy after so many failures in a row; one success is enough to be healthy', () => {
  const check = effectiveCheck({ kind: 'agent', retries: 2 }, undefined);
  assert.ok(check);
  const words = [ill, ill, well, ill, well, ill, ill].reduce<{ all: string[]; now: typeof UNKNOWN }>(
    ({ all, now }, answer) => {
      const next = judge(now, answer, check, 1_000);
      return { all: [...all, next.word], now: next };
    },
    { all: [], now: UNKNOWN },
  );
  const expected = ['starting', 'unhealthy', 'healthy', 'healthy', 'healthy', 'healthy', 'unhealthy'];
  assert.deepEqual(words.all, expected);
  assert.equal(words.now.output, 'no');
});

test('failures within the start period do not count, until the first success', () => {
  const check = effectiveCheck({ kind: 'agent', retries: 1, startPeriod: 10 }, undefined);
  assert.ok(check);
  assert.equal(judge(UNKNOWN, ill, check, 9_999).word, 'starting');
  assert.equal(judge(UNKNOWN, ill, check, 10_000).word, 'unhealthy');
  const healthy = judge(UNKNOWN, well, check, 1);
  assert.equal(judge(healthy, ill, check, 2).word, 'unhealthy');
});
