import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { DeclaredVm } from '@ignite/api';
import { LIMITS } from '@ignite/api/limits';
import { readTar } from '@ignite/archive';
import { createHostFiles } from './host-files.ts';

const { signal } = new AbortController();

async function scratch(t: TestContext) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ignite-host-files-')));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, 'allowed/tree'), { recursive: true });
  await writeFile(join(root, 'allowed/tree/file'), 'x');
  await writeFile(join(root, 'secret'), 's');
  await symlink('../../secret', join(root, 'allowed/tree/link'));
  await symlink('../secret', join(root, 'allowed/way-out'));
  return { root, files: createHostFiles([join(root, 'allowed')]) };
}

function declared(...copyFiles: readonly [hostPath: string, vmPath: string][]): DeclaredVm {
  const spec = { copyFiles: copyFiles.map(([hostPath, vmPath]) => ({ hostPath, vmPath })) };
  return { metadata: { name: 'vm' }, spec, origin: { file: 'vm.yaml', line: 1 } };
}

test('small files go with the object, links as they are; paths elsewhere are refused, links to them, too', async (t) => {
  const { root, files } = await scratch(t);
  const { files: read } = await files.finish(declared([join(root, 'allowed/tree'), '/srv']), signal);
  assert.deepEqual(
    read?.map(({ path, kind, content }) => [path, kind, Buffer.from(content, 'base64').toString()]),
    [
      ['/srv', 'folder', ''],
      ['/srv/file', undefined, 'x'],
      ['/srv/link', 'symlink', '../../secret'],
    ],
  );
  for (const path of ['secret', 'allowed/way-out', 'allowed/none'])
    await assert.rejects(files.finish(declared([join(root, path), '/x']), signal), {
      code: 'source/host-path',
    });
});

test('large files are read when a VM is made, by the same rule', async (t) => {
  const { root, files } = await scratch(t);
  await truncate(join(root, 'allowed/tree/file'), 16 << 20);
  const object = await files.finish(declared([join(root, 'allowed/tree'), '/srv/a']), signal);
  assert.equal(object.files, undefined);
  const tar = await files.large(object, signal);
  assert.ok(tar !== undefined);
  const names: string[] = [];
  for await (const { name, size } of readTar(tar)) names.push(`${name} ${size}`);
  assert.deepEqual(names, ['srv/a/ 0', 'srv/a/file 16777216', 'srv/a/link 0']);
  await assert.rejects(files.large(declared([join(root, 'secret'), '/x']), signal), {
    code: 'source/host-path',
  });
});

test('what surrounds a file counts, too: a tree of empty files is no small thing', async (t) => {
  const { root, files } = await scratch(t);
  const path = join(root, 'allowed/file');
  await writeFile(path, '');
  await truncate(path, LIMITS.seedBytes - 200);
  assert.equal((await files.finish(declared([path, '/a']), signal)).files?.length, 1);
  await truncate(path, LIMITS.seedBytes);
  assert.equal((await files.finish(declared([path, '/a']), signal)).files, undefined);
});

test('where there is nothing to bring, nothing is brought', async (t) => {
  const { root, files } = await scratch(t);
  const small = await files.finish(declared([join(root, 'allowed/tree'), '/srv']), signal);
  assert.equal(await files.large(small, signal), undefined);
  assert.equal(await files.large(declared(), signal), undefined);
});

test('the digest is of contents and modes, and the stamp changes with whatever the digest may', async (t) => {
  const { root, files } = await scratch(t);
  const object = declared([join(root, 'allowed/tree'), '/srv']);
  const digest = async () => (await files.finish(object, signal)).filesDigest;
  const [first, stamp] = [await digest(), await files.stamp(object, signal)];
  assert.deepEqual([await digest(), await files.stamp(object, signal)], [first, stamp]);

  await writeFile(join(root, 'allowed/tree/file'), 'y');
  const second = await digest();
  assert.notEqual(second, first);
  assert.notEqual(await files.stamp(object, signal), stamp);
  await chmod(join(root, 'allowed/tree/file'), 0o600);
  const third = await digest();
  assert.notEqual(third, second);
  await truncate(join(root, 'allowed/tree/file'), 16 << 20);
  assert.notEqual(await digest(), third);
});

test('a look at many files that is given up ends', async (t) => {
  const { root, files } = await scratch(t);
  const given = AbortSignal.abort(new Error('given up'));
  await assert.rejects(files.stamp(declared([join(root, 'allowed/tree'), '/srv']), given), /given up/);
});

test('a key that is named has a stamp, even before it is there; what names nothing has none', async (t) => {
  const { root, files } = await scratch(t);
  const { spec, ...rest } = declared();
  const object = { ...rest, spec: { ...spec, ssh: join(root, 'allowed/key') } };
  const before = await files.stamp(object, signal);
  assert.ok(before !== undefined);
  await writeFile(join(root, 'allowed/key.pub'), 'ssh-ed25519 AAAA\n');
  assert.notEqual(await files.stamp(object, signal), before);
  assert.equal((await files.finish(object, signal)).spec.ssh, 'ssh-ed25519 AAAA');
  assert.equal(await files.stamp(declared(), signal), undefined);
});

test('what a manifest may not name is not looked at: whoever can push learns nothing, and sends nobody through all files', async (t) => {
  const { root, files } = await scratch(t);
  const object = declared([root, '/x']);
  const before = await files.stamp(object, signal);
  await writeFile(join(root, 'new'), '');
  assert.equal(await files.stamp(object, signal), before);
  assert.notEqual(before, undefined);
});
