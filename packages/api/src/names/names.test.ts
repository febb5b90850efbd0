import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isIgniteError } from '../errors/index.ts';
import { generateName, generateUid, isLegacyUid, isUid, isVmName, matchObject } from './index.ts';
import { ADJECTIVES, NOUNS } from './words.ts';

test('there are 64 different adjectives and 64 different nouns', () => {
  assert.equal(new Set(ADJECTIVES).size, 64);
  assert.equal(new Set(NOUNS).size, 64);
  assert.ok([...ADJECTIVES, ...NOUNS].every((word) => /^[a-z]+$/.test(word)));
});

test('API-N01, API-N03: generated names and UIDs keep their own rules', () => {
  for (let round = 0; round < 100; round += 1) {
    assert.ok(isVmName(generateName(randomBytes)));
    assert.match(generateUid(randomBytes), /^[0-9a-f]{16}$/);
  }
});

test('API-N04, API-R01: names are RFC 1123 subdomains', () => {
  for (const name of ['a', '0', 'my-vm', 'a.b-c.d', 'x'.repeat(253)]) assert.ok(isVmName(name), name);
  for (const name of ['', 'A', '-a', 'a-', 'a..b', '.a', 'a.', 'a_b', 'a/b', 'a b', 'a\n', 'x'.repeat(254)])
    assert.ok(!isVmName(name), name);
});

test('UIDs', () => {
  assert.ok(isUid('0123456789abcdez'));
  assert.ok(!isUid('0123456789abcde'));
  assert.ok(isLegacyUid('cb2e5d3c-5e5c-4ad0-a2cc-5d2ab3b1ab31'));
  for (const bad of ['', '..', '../x', 'a/b', '.a']) assert.ok(!isLegacyUid(bad), bad);
});

const items = [
  { uid: 'aaaa000000000001', name: 'web' },
  { uid: 'aabb000000000002', name: 'web1' },
  { uid: 'cccc000000000003', name: 'aaaa' },
];

test('API-N05, API-N06: matching: exact UID, exact name, unique UID prefix, unique name prefix, in this order', () => {
  assert.equal(matchObject(items, 'aaaa000000000001')?.name, 'web');
  assert.equal(matchObject(items, 'web')?.name, 'web');
  assert.equal(matchObject(items, 'aaaa')?.uid, 'cccc000000000003');
  assert.equal(matchObject(items, 'aab')?.name, 'web1');
  assert.equal(
    matchObject(
      [items[1]].flatMap((item) => item ?? []),
      'we',
    )?.name,
    'web1',
  );
  assert.equal(matchObject(items, ''), undefined);
  assert.equal(matchObject(items, 'zz'), undefined);
});

test('API-G02, API-N06: matching: several matches are an error that names them', () => {
  assert.throws(
    () => matchObject(items, 'we'),
    (error: unknown) => isIgniteError(error, 'api/ambiguous') && error.message.includes('web1'),
  );
});

test('matching: removing verbs take no name prefix', () => {
  assert.equal(matchObject(items.slice(1), 'we', 'no-name-prefix'), undefined);
  assert.equal(matchObject(items, 'aab', 'no-name-prefix')?.name, 'web1');
});
