import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSeedWords, nameHash } from './htree-hash.ts';

// `debugfs -R "dx_hash -h half_md4 [-s ffeeddcc-bbaa-9988-7766-554433221100] NAME"` of e2fsprogs 1.47.0.
const SEED = Buffer.from('ffeeddccbbaa99887766554433221100', 'hex');
const KNOWN: readonly (readonly [string, Buffer, number, number])[] = [
  ['a', SEED, 0xbc2969dc, 0x3801c9bf],
  ['a', Buffer.alloc(16), 0xd5fa7d7a, 0xacb48187],
  ['hello', SEED, 0x13a2502a, 0xc0500d4a],
  ['hello', Buffer.alloc(16), 0x1746da32, 0x420013b5],
  ['x'.repeat(40), SEED, 0x378aac9a, 0x3f6b7e3f],
  ['x'.repeat(40), Buffer.alloc(16), 0xa58368b6, 0x7a9f8ab7],
];

test('hashes are those of debugfs', () => {
  for (const [name, seed, major, minor] of KNOWN) {
    assert.deepEqual(nameHash(Buffer.from(name), hashSeedWords(seed)), { major, minor }, name);
  }
});
