import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyFolder } from './files.ts';

test('a folder is emptied, links are not gone through, and a missing one is empty already', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-files-'));
  try {
    await mkdir(join(folder, 'kept'));
    await writeFile(join(folder, 'kept/file'), '');
    await mkdir(join(folder, 'imports/make-1/root'), { recursive: true });
    await symlink(join(folder, 'kept'), join(folder, 'imports/link'));
    await emptyFolder(join(folder, 'imports'));
    assert.deepEqual(await readdir(join(folder, 'imports')), []);
    assert.deepEqual(await readdir(join(folder, 'kept')), ['file']);
    await emptyFolder(join(folder, 'nothing'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
