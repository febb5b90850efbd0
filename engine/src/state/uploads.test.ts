import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createUploads } from './uploads.ts';

async function scratch(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'ignite-uploads-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  return { root, uploads: createUploads(root), left: () => readdir(join(root, 'imports')) };
}

const { signal } = new AbortController();

async function* pieces(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text);
}

test('what was sent is a drive of whole pages and is given to one VM', async (t) => {
  const { root, uploads, left } = await scratch(t);
  const { id, bytes } = await uploads.keep(pieces('a'.repeat(4096), 'b'), signal);
  assert.equal(bytes, 8192);
  const upload = uploads.take(id);
  assert.throws(() => uploads.take(id), { code: 'volumes/upload-gone' });
  const target = join(root, 'files.tar');
  await upload.moveTo(target);
  await upload[Symbol.asyncDispose]();
  assert.equal((await stat(target)).size, 8192);
  assert.equal((await readFile(target, 'latin1'))[4096], 'b');
  assert.deepEqual(await left(), []);
});

test('one that breaks off, is given up or is not wanted leaves nothing', async (t) => {
  const { uploads, left } = await scratch(t);
  const broken = async function* () {
    yield Buffer.from('a');
    throw new Error('the client is gone');
  };
  await assert.rejects(uploads.keep(broken(), signal), /the client is gone/);
  const given = new AbortController();
  const aborted = async function* () {
    yield Buffer.from('a');
    given.abort(new Error('given up'));
    yield Buffer.from('b');
  };
  await assert.rejects(uploads.keep(aborted(), given.signal), /given up/);
  const { id } = await uploads.keep(pieces('x'), signal);
  await uploads.take(id)[Symbol.asyncDispose]();
  assert.deepEqual(await left(), []);
});
