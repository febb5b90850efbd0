import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sparseCopy } from './sparse-copy.ts';

test('the copy equals the source and takes no more blocks than its data', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-sparse-'));
  try {
    const source = join(folder, 'source');
    const data = Buffer.alloc(5 * 1024 * 1024 + 123);
    data.fill(7, 0, 10);
    data.fill(9, 3 * 1024 * 1024 - 5, 3 * 1024 * 1024 + 5);
    data[data.length - 1] = 1;
    await writeFile(source, data);
    const target = join(folder, 'target');
    await sparseCopy(source, target, new AbortController().signal);
    assert.ok(data.equals(await readFile(target)));
    const blocks = (await stat(target)).blocks;
    assert.ok(blocks <= 8 * 8, `${blocks} blocks of 512 bytes for four pages of data`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a file of zeros only keeps its length', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-sparse-'));
  try {
    const source = join(folder, 'source');
    await using file = await open(source, 'w');
    await file.truncate(3_000_000);
    await sparseCopy(source, join(folder, 'target'), new AbortController().signal);
    assert.equal((await stat(join(folder, 'target'))).size, 3_000_000);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('an aborted signal ends the copy with its reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-sparse-'));
  try {
    await writeFile(join(folder, 'source'), 'x');
    const copy = sparseCopy(
      join(folder, 'source'),
      join(folder, 't'),
      AbortSignal.abort(new Error('enough')),
    );
    await assert.rejects(copy, /enough/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
