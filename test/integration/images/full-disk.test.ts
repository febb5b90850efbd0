// The disk becomes full in the middle of a conversion: a small tmpfs, an image that is larger than it looks.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { isIgniteError } from '@ignite/api';
import { buildImage, file, ociArchive } from '../../images/index.ts';
import { reopen, request } from './fixture.ts';

const execute = promisify(execFile);
const root = process.getuid?.() === 0;

test('a disk that becomes full', { skip: root ? false : 'only root can mount a small disk' }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'full-'));
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'ignite-test', folder]);
  try {
    const images = await reopen(folder);
    const text = Buffer.alloc(120 << 20, randomBytes(1000));
    const archive = await ociArchive(
      await buildImage({ layers: [{ entries: [file('text', text)] }] }),
      'full:1',
    );
    const before = (await readdir(folder, { recursive: true })).sort();
    await assert.rejects(images.load({ kind: 'archive', stream: once(archive) }, request()), (error) =>
      isIgniteError(error, 'host/disk-full'),
    );
    assert.deepEqual((await readdir(folder, { recursive: true })).sort(), before);
  } finally {
    await execute('umount', [folder]);
    await rm(folder, { recursive: true });
  }
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
