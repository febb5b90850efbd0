import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { vmRecord } from '../../../test/fixtures/vm-record.ts';
import { bindFolders, findFolder } from './folders.ts';

test('a folder in whose place a guest has put a link is shared no more', async (t) => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ignite-folders-')));
  t.after(() => rm(root, { recursive: true }));
  const [path, other] = [join(root, 'data'), join(root, 'other')];
  await mkdir(path);
  await mkdir(other);
  const { spec } = vmRecord('a', {
    storage: {
      volumes: [{ name: 'v', hostFolder: { path } }],
      volumeMounts: [{ name: 'v', mountPath: '/data' }],
    },
  });
  const [bound] = bindFolders(spec, new Map([[path, await findFolder({ path })]]));
  assert.ok(bound);
  assert.equal(await findFolder(bound), path);

  await rename(path, `${path}.old`);
  await assert.rejects(findFolder(bound), /is no folder of this host/);
  await symlink(other, path);
  await assert.rejects(findFolder(bound), {
    code: 'volumes/folder-not-shared',
    message: /leads to .*other now/,
  });
});

test('a folder that was named by a link is found where that led; of old records nobody knows where', async (t) => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ignite-folders-')));
  t.after(() => rm(root, { recursive: true }));
  const [path, real] = [join(root, 'current'), join(root, 'v1')];
  await mkdir(real);
  await symlink('v1', path);
  assert.equal(await findFolder({ path }), real);
  assert.equal(await findFolder({ path, real }), real);
});
