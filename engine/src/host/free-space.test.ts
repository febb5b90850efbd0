import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { freeSpace } from './free-space.ts';

test('a file system that counts no blocks is not taken for a full one', async () => {
  assert.equal((await freeSpace('/proc')).forRoot, Number.POSITIVE_INFINITY);
});

test('what is reserved for root is not for users', async () => {
  const { forUsers, forRoot } = await freeSpace(tmpdir());
  assert.ok(forUsers > 0 && forUsers <= forRoot, `${forUsers} of ${forRoot}`);
});
