import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childProcess, randomBytes } from './lazy.ts';

test('random bytes are as many as asked for, and others each time', () => {
  assert.equal(randomBytes(8).length, 8);
  assert.equal(new Set(Array.from({ length: 100 }, () => randomBytes(16).toString('hex'))).size, 100);
});

test('programs run', () => {
  assert.equal(childProcess().execFileSync('echo', ['hello']).toString(), 'hello\n');
});
