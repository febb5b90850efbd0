import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifest } from '@ignite/api';
import type { Listing } from '../port.ts';
import { editedFiles } from './changed-files.ts';

const { signal } = new AbortController();

/** One VM; its text is longer than what is read on the daemon's loop. */
function long(name: string): string {
  const more = '# what people write\n'.repeat(1_000);
  return `${more}apiVersion: ignite.vm/v1beta1\nkind: VM\nmetadata: {name: ${name}}\nspec: {image: {oci: a:1}}\n`;
}

function listingOf(texts: Readonly<Record<string, string>>): Listing {
  return {
    revision: 'r',
    files: Object.entries(texts).map(([path, text]) => ({ path, key: path, bytes: text.length })),
    problems: [],
    notes: [],
    read: async () => new Map(Object.entries(texts)),
  };
}

const stopped = (name: string, file: string, line: number) => ({
  name,
  file,
  line,
  edits: [{ path: ['spec', 'running'], value: false } as const],
  at: '2026-11-20T10:00:00Z',
});

test('a long manifest is edited beside the daemon, which goes on meanwhile', {
  timeout: 120_000,
}, async () => {
  const text = long('a');
  const listing = listingOf({ 'a.yaml': text });
  let others = false;
  setImmediate(() => {
    others = true;
  });
  const [manifest] = parseManifest(text, 'a.yaml');
  const line = manifest?.origin.line ?? 0;
  const { files, errors } = await editedFiles([stopped('a', 'a.yaml', line)], listing, signal);
  assert.ok(others, 'nothing else had its turn');
  assert.equal(files.get('a.yaml'), text.replace('{oci: a:1}}', '{oci: a:1}, running: false}'));
  assert.equal(errors.size, 0);
});

test('what cannot be edited is told by the name of its VM, with its code; the others are', {
  timeout: 120_000,
}, async () => {
  for (const head of ['', '# what people write\n'.repeat(1_000)]) {
    const shared = `${head}kind: VM\nmetadata: &m {name: a}\nspec: &s {image: {oci: a:1}}\n---\nkind: VM\nspec: *s\n`;
    const texts = { 'a.yaml': shared, 'b.yaml': long('b') };
    const [first] = parseManifest(texts['b.yaml'], 'b.yaml');
    const changes = [stopped('a', 'a.yaml', 99_999), stopped('b', 'b.yaml', first?.origin.line ?? 0)];
    const { files, errors } = await editedFiles(changes, listingOf(texts), signal);
    assert.deepEqual([...files.keys()], ['b.yaml']);
    assert.deepEqual(
      [...errors].map(([name, { code }]) => [name, code]),
      [['a', 'api/cannot-edit']],
    );
  }
});
