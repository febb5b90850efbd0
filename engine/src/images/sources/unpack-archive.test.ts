import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type TarInput, writeTar } from '@ignite/archive';
import { defaultLimits } from '../limits.ts';
import { unpackArchive } from './unpack-archive.ts';

const COMMON = { mode: 0o644, mtime: { seconds: 0, nanoseconds: 0 }, uid: 0, gid: 0 };
const LONG = 'x'.repeat(5_000);

async function unpacked(t: { after: (end: () => Promise<void>) => void }, entries: readonly TarInput[]) {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-unpack-'));
  t.after(() => rm(folder, { recursive: true }));
  return { folder, result: await unpackArchive(writeTar(entries), folder, defaultLimits) };
}

test('files come under numbers, and a link as the file that it names', async (t) => {
  const { folder, result } = await unpacked(t, [
    { ...COMMON, name: 'a/layer.tar', type: 'file', size: 0 },
    { ...COMMON, name: 'b/layer.tar', type: 'symlink', linkName: '../a/layer.tar' },
  ]);
  assert.deepEqual(result.files, [
    { name: 'a/layer.tar', file: 1, size: 0 },
    { name: 'b/layer.tar', file: 1, size: 0 },
  ]);
  assert.deepEqual(await readdir(folder), ['1']);
});

test('names as long as no document of an image has them are refused: the daemon would have to hold them all', async (t) => {
  for (const entry of [
    { ...COMMON, name: LONG, type: 'file', size: 0 },
    { ...COMMON, name: 'a', type: 'symlink', linkName: LONG },
  ] as const)
    await assert.rejects(unpacked(t, [entry]), {
      code: 'images/bad-archive',
      message: /a name of more than/,
    });
});
