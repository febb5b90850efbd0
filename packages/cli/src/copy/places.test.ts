import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamer } from './copy.ts';
import { land, parsePlace } from './places.ts';

test('CP-01, CP-07: rule 20: VM:PATH splits at the first colon, - is tar', () => {
  assert.deepEqual(parsePlace('web:/a:b'), { kind: 'vm', vm: 'web', path: '/a:b' });
  assert.deepEqual(parsePlace('web:'), { kind: 'vm', vm: 'web', path: '/root' });
  assert.deepEqual(parsePlace('web:x'), { kind: 'vm', vm: 'web', path: '/root/x' });
  assert.deepEqual(parsePlace('./a:b'), { kind: 'host', path: './a:b' });
  assert.deepEqual(parsePlace('/a:b'), { kind: 'host', path: '/a:b' });
  assert.deepEqual(parsePlace('-'), { kind: 'stream' });
});

const folder = (base: string) => ({ base, folder: true });
const file = (base: string) => ({ base, folder: false });

test('CP-03: rule 20: a folder onto a folder of its own name merges, else goes inside', () => {
  assert.deepEqual(land(folder('etc'), '/x/etc', 'folder'), { folder: 'target', name: '' });
  assert.deepEqual(land(folder('etc'), '/x/etc/', 'folder'), { folder: 'target', name: '' });
  assert.deepEqual(land(folder('etc'), '/x', 'folder'), { folder: 'target', name: 'etc' });
  assert.deepEqual(land(folder('etc'), '/x/new', 'nothing'), { folder: 'above', name: 'new' });
  assert.deepEqual(land(folder(''), '/x', 'folder'), { folder: 'target', name: '' });
  assert.throws(() => land(folder('etc'), '/x/file', 'file'), /cannot be copied onto the file/);
});

test('CP-02: a file goes inside a folder, or becomes the target', () => {
  assert.deepEqual(land(file('a'), '/x', 'folder'), { folder: 'target', name: 'a' });
  assert.deepEqual(land(file('a'), '/x/a', 'folder'), { folder: 'target', name: 'a' });
  assert.deepEqual(land(file('a'), '/x/b', 'file'), { folder: 'above', name: 'b' });
  assert.deepEqual(land(file('a'), '/x/b', 'nothing'), { folder: 'above', name: 'b' });
});

test('names in the archive become names at the target', () => {
  assert.equal(renamer('etc', 'new')('etc/a'), 'new/a');
  assert.equal(renamer('etc', '')('etc/a'), 'a');
  assert.equal(renamer('etc', '')('etc'), '');
  assert.equal(renamer('', 'new')('a'), 'new/a');
  assert.equal(renamer('etc', 'etc')('etc'), 'etc');
});
