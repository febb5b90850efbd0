import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { allocatedBytes } from './allocated.ts';

test('blocks count, holes and second names do not, what is missing is nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-du-'));
  t.after(() => rm(folder, { recursive: true }));
  assert.equal(await allocatedBytes(join(folder, 'missing')), 0);
  const empty = await allocatedBytes(folder);
  await mkdir(join(folder, 'a'));
  await writeFile(join(folder, 'a/data'), Buffer.alloc(1 << 20, 1));
  await link(join(folder, 'a/data'), join(folder, 'a/again'));
  await writeFile(join(folder, 'sparse'), '');
  await truncate(join(folder, 'sparse'), 1 << 30);
  const bytes = (await allocatedBytes(folder)) - empty;
  assert.ok(bytes >= 1 << 20 && bytes < 2 << 20, String(bytes));
});
