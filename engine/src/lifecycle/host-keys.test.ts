import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKeys } from './host-keys.ts';

const KEY = `ssh-ed25519 ${'A'.repeat(64)}`;

test('of what a guest says only keys are taken, without what could be read as something else', () => {
  assert.deepEqual(readKeys(`${KEY} root@vm\nPublic key portion is:\n${KEY}\n# x\n`), [KEY]);
  assert.deepEqual(readKeys(`ecdsa-sha2-nistp256 ${'B'.repeat(80)}= x\n`), [
    `ecdsa-sha2-nistp256 ${'B'.repeat(80)}=`,
  ]);
  for (const bad of [
    '@cert-authority * ssh-ed25519 AAAA',
    `* ${KEY}`,
    'ssh-ed25519 short',
    `${KEY}\u001b[2J`,
    '',
  ])
    assert.deepEqual(readKeys(bad), [], bad);
  assert.equal(
    readKeys(Array.from({ length: 50 }, (_, at) => `ssh-rsa ${`${at}`.padStart(32, 'A')}`).join('\n')).length,
    16,
  );
});
