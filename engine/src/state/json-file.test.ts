import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonFile } from './json-file.ts';

test('many saves at once all succeed, and the last stays', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'json-file-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = jsonFile(join(folder, 'notice.json'));

  await Promise.all(Array.from({ length: 20 }, (_, number) => file.save({ number })));

  assert.deepEqual(await file.load(), { number: 19 });
  assert.deepEqual(await readdir(folder), ['notice.json']);
});

test('a removal comes after the saves before it, and before those after it', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'json-file-'));
  t.after(() => rm(parent, { recursive: true }));
  const file = jsonFile(join(parent, 'one/record.json'));

  await Promise.all([file.save({ number: 1 }), file.remove()]);
  assert.equal(await file.load(), undefined);
  await Promise.all([file.save({ number: 2 }), file.removeFolder()]);
  assert.deepEqual(await readdir(parent), []);
  await Promise.all([file.save({ number: 3 }), file.removeFolder(), file.save({ number: 4 })]);
  assert.deepEqual(await file.load(), { number: 4 });
});
