import assert from 'node:assert/strict';
import { renameSync, symlinkSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readContent } from '../content.ts';
import { readTar } from '../read-tar.ts';
import { packDirectory } from './pack-directory.ts';
import { readSeed } from './read-seed.ts';

const { signal } = new AbortController();

/** A folder, in whose place a link lies from the moment on that it is open: what it leads to is nobody's here. */
async function exchanged(t: TestContext) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ignite-open-')));
  t.after(() => rm(root, { recursive: true }));
  const [shared, secrets] = [join(root, 'shared'), join(root, 'secrets')];
  for (const [folder, text] of [
    [shared, 'mine'],
    [secrets, 'secret'],
  ] as const) {
    await mkdir(join(folder, 'sub'), { recursive: true });
    await writeFile(join(folder, 'sub/file'), text);
  }
  const where: string[] = [];
  const opened = (real: string) => {
    where.push(real);
    renameSync(shared, `${shared}.old`);
    symlinkSync(secrets, shared);
  };
  return { shared, where, opened };
}

test('a folder that is exchanged for a link after it was opened is read on, for a request', async (t) => {
  const { shared, where, opened } = await exchanged(t);
  const failure = (path: string, cause: unknown) => assert.fail(`${path}: ${String(cause)}`);
  const { files = [] } = await readSeed([{ host: shared, vm: '/a' }], { signal, failure, opened });
  assert.deepEqual(
    files.map(({ path, content }) => [path, Buffer.from(content, 'base64').toString()]),
    [
      ['/a', ''],
      ['/a/sub', ''],
      ['/a/sub/file', 'mine'],
    ],
  );
  assert.deepEqual(where, [shared]);
});

test('a folder that is exchanged for a link after it was opened is read on, as a tar', async (t) => {
  const { shared, opened } = await exchanged(t);
  const found: string[] = [];
  for await (const entry of readTar(packDirectory(shared, { signal, name: 'a', opened })))
    found.push(`${entry.name} ${(await readContent(entry, 100)).toString()}`);
  assert.deepEqual(found, ['a/ ', 'a/sub/ ', 'a/sub/file mine']);
});

test('whoever asks may refuse what was opened by where it is', async (t) => {
  const { shared } = await exchanged(t);
  const opened = (where: string) => {
    throw new Error(`not ${where}`);
  };
  const failure = (_: string, cause: unknown) => assert.fail(String(cause));
  await assert.rejects(readSeed([{ host: shared, vm: '/a' }], { signal, failure, opened }), /not .*shared/);
  const pack = packDirectory(shared, { signal, name: 'a', opened });
  await assert.rejects(pack.next(), { code: 'archive/file-access' });
});
