import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RUN_FILES, runFile, STATE_FILES, stateFile, uidFolder } from './files.ts';

test('docs/files.md has exactly the rows of this module', () => {
  const text = readFileSync(new URL('../../../docs/files.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const wanted = [...Object.values(STATE_FILES), ...Object.values(RUN_FILES)].map(
    ([name, what]) => `| \`${name}\` | ${what} |`,
  );
  assert.deepEqual(rows, wanted);
});

test('paths are filled in', () => {
  const uid = '0123456789abcdef';
  assert.equal(stateFile('/s', 'vmDisk', { uid, index: 0, format: 'qcow2' }), `/s/vms/${uid}/disk0.qcow2`);
  assert.equal(runFile('/r', 'claims', { slot: 12 }), '/r/12/claims');
});

test('a UID of another form is hashed, and nothing leaves the folder', () => {
  assert.match(uidFolder('cb2e5d3c-5e5c-4ad0-a2cc-5d2ab3b1ab31'), /^uid-[0-9a-f]{32}$/);
  assert.match(stateFile('/s', 'vm', { uid: '../../etc' }), /^\/s\/vms\/uid-[0-9a-f]{32}$/);
  assert.equal(uidFolder(uidFolder('legacy')), uidFolder('legacy'));
  for (const op of ['..', '../x', '', 'a/b']) {
    assert.throws(() => stateFile('/s', 'trashed', { uid: 'a', op }), RangeError);
  }
});
