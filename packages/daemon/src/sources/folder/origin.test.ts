import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderOrigin } from './origin.ts';

test('what is no file any more, or without end, when a manifest is read keeps nobody waiting', async (t) => {
  const { signal } = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), 'ignite-folder-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const name of ['fifo', 'file', 'long']) await writeFile(join(folder, `${name}.yaml`), name);
  const listing = await folderOrigin(folder, 0).list(signal);
  assert.ok(listing);
  await rm(join(folder, 'fifo.yaml'));
  execFileSync('mkfifo', [join(folder, 'fifo.yaml')]);
  await truncate(join(folder, 'long.yaml'), 1 << 30);
  assert.deepEqual([...(await listing.read(listing.files, signal))], [['file.yaml', 'file']]);
});
