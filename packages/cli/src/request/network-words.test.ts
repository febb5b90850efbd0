import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api/errors';
import { networkWords } from './network-words.ts';

for (const [word, expected] of [
  [undefined, {}],
  ['default', {}],
  ['bridge', { mode: 'bridge' }],
  ['user', { mode: 'user' }],
  ['none', { mode: 'none' }],
  ['cni', { mode: 'cni' }],
  ['docker-bridge', { mode: 'docker-bridge' }],
  ['cni:my-net', { mode: 'cni', name: 'my-net' }],
  ['user,host-loopback=allow', { mode: 'user', hostLoopback: true }],
  ['user,host-loopback=allow,host-loopback=deny', { mode: 'user', hostLoopback: false }],
] as const)
  test(`--network ${word}`, () => assert.deepEqual(networkWords(word), expected));

test('other networks and options are refused', () => {
  assert.throws(
    () => networkWords('weave'),
    (error) => isIgniteError(error, 'cli/not-available'),
  );
  assert.throws(() => networkWords('cni:'), /NAME/);
  assert.throws(() => networkWords('cni,ip=10.0.2.9'), /no options/);
  assert.throws(() => networkWords('user,ip=10.0.2.9'), /host-loopback=allow/);
  assert.throws(() => networkWords('user,host-loopback=yes'), /host-loopback=allow/);
});
