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
