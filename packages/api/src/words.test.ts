import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalAddress } from './addresses.ts';
import { displayAge, displayDuration } from './ages.ts';
import { isIgniteError } from './errors/index.ts';
import { parseLabels } from './labels.ts';
import { parseRestartPolicy } from './restart-policy.ts';
import { describeState, isActive, STATE_WORDS } from './state-words.ts';

const M = 60;
const H = 60 * M;
const D = 24 * H;

test('API-T07: ages change their form where the original’s did', () => {
  const table: readonly [number, string][] = [
    [-0.5, '0s'],
    [-2, '<invalid>'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [150, '2m30s'],
    [10 * M - 1, '9m59s'],
    [10 * M, '10m'],
    [3 * H - 1, '179m'],
    [3 * H, '3h'],
    [3 * H + 5 * M, '3h5m'],
    [8 * H, '8h'],
    [48 * H - 1, '47h'],
    [48 * H, '2d'],
    [2 * D + 4 * H, '2d4h'],
    [8 * D, '8d'],
    [2 * 365 * D - 1, '729d'],
    [2 * 365 * D, '2y'],
    [3 * 365 * D + 7 * D, '3y7d'],
    [8 * 365 * D, '8y'],
  ];
  for (const [seconds, text] of table) assert.equal(displayDuration(seconds), text);
  const now = new Date('2026-11-20T10:00:00Z');
  assert.equal(displayAge('2026-11-20T09:59:15Z', now), '45s');
  assert.equal(displayAge(undefined, now), '<unknown>');
  assert.equal(displayAge('soon', now), '<unknown>');
});

test('PS-02: STATUS begins with the word that scripts look for', () => {
  const now = new Date('2026-11-20T10:00:00Z');
  const startTime = '2026-11-20T09:45:00Z';
  assert.equal(describeState({ state: 'running', startTime }, now), 'Up 15m');
  assert.equal(
    describeState({ state: 'running', startTime, detail: 'agent lost' }, now),
    'Up 15m (agent lost)',
  );
  assert.equal(
    describeState({ state: 'stopped', startTime, detail: 'guest rebooted' }, now),
    'Stopped (guest rebooted)',
  );
  for (const state of STATE_WORDS)
    assert.match(describeState({ state }, now), /^(Up|Stopped|Starting|Paused|Failed|Broken)\b/);
  assert.deepEqual(STATE_WORDS.filter(isActive), ['starting', 'running', 'paused', 'stopping', 'unmanaged']);
});

test('labels', () => {
  assert.deepEqual(parseLabels(['a=b', 'c=', 'd=e=f', 'a=z']), { a: 'z', c: '', d: 'e=f' });
  assert.deepEqual(Object.keys(parseLabels(['__proto__=x'])), ['__proto__']);
  for (const bad of [['a'], ['=b'], [''], [`${'k'.repeat(64)}=v`], [`k=${'v'.repeat(257)}`]])
    assert.throws(
      () => parseLabels(bad),
      (error) => isIgniteError(error, 'api/invalid-label'),
    );
  assert.throws(() => parseLabels(Array.from({ length: 65 }, (_, index) => `k${index}=v`)));
});

test('restart policies', () => {
  for (const name of ['no', 'always', 'unless-stopped', 'on-failure'] as const)
    assert.deepEqual(parseRestartPolicy(name), { name });
  assert.deepEqual(parseRestartPolicy('on-failure:3'), { name: 'on-failure', maximumRetryCount: 3 });
  for (const bad of ['', 'never', 'always:3', 'on-failure:', 'on-failure:x', 'on-failure:-1', 'no:0'])
    assert.throws(
      () => parseRestartPolicy(bad),
      (error) => isIgniteError(error, 'api/invalid-restart-policy'),
      bad,
    );
});

test('addresses have one spelling', () => {
  assert.equal(canonicalAddress('10.0.0.1'), '10.0.0.1');
  assert.equal(canonicalAddress('FE80::0:1'), 'fe80::1');
  assert.equal(canonicalAddress('::ffff:1.2.3.4'), '::ffff:102:304');
  for (const bad of [
    '',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    'fe80::1%eth0',
    ':::',
    'x',
    '1::2::3',
    '::1]/@[::2',
  ])
    assert.equal(canonicalAddress(bad), undefined, bad);
});
