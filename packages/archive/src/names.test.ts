import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { baseName, normalizeName, parentName } from './names.ts';

test('names are cleaned inside the root', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', ''],
    ['/', ''],
    ['./', ''],
    ['..', ''],
    ['a', 'a'],
    ['a/', 'a'],
    ['/a//b/', 'a/b'],
    ['./a/./b', 'a/b'],
    ['a/../b', 'b'],
    ['../../etc/passwd', 'etc/passwd'],
    ['a/../../..', ''],
    ['...', '...'],
    ['..a/b..', '..a/b..'],
    ['.hidden/.wh.x', '.hidden/.wh.x'],
  ];
  for (const [name, clean] of cases) assert.equal(normalizeName(name), clean, name);
});

test('a clean name stays, and has no part that leads anywhere', () => {
  const part = fc.constantFrom('', '.', '..', 'a', 'b.', '..c', '\xff');
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const clean = normalizeName(parts.join('/'));
      assert.equal(normalizeName(clean), clean);
      assert.ok(clean === '' || clean.split('/').every((word) => !['', '.', '..'].includes(word)));
    }),
  );
});

test('parent and base put a name together', () => {
  assert.equal(parentName('a/b/c'), 'a/b');
  assert.equal(baseName('a/b/c'), 'c');
  assert.equal(parentName('a'), '');
  assert.equal(baseName('a'), 'a');
});
