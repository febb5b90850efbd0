import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNameHash } from './htree-hash.ts';

// `debugfs -R "dx_hash -h half_md4 [-s ffeeddcc-bbaa-9988-7766-554433221100] NAME"` of e2fsprogs 1.47.0.
const SEED = Buffer.from('ffeeddccbbaa99887766554433221100', 'hex');
const KNOWN: readonly (readonly [string, Buffer, number])[] = [
  ['a', SEED, 0xbc2969dc],
  ['a', Buffer.alloc(16), 0xd5fa7d7a],
  ['hello', SEED, 0x13a2502a],
  ['hello', Buffer.alloc(16), 0x1746da32],
  ['x'.repeat(40), SEED, 0x378aac9a],
  ['x'.repeat(40), Buffer.alloc(16), 0xa58368b6],
];

test('hashes are those of debugfs', () => {
  for (const [name, seed, hash] of KNOWN) assert.equal(createNameHash(seed)(Buffer.from(name)), hash, name);
});
