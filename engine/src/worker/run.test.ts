import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { runWorker } from './run.ts';

test('work that is given up while the host is asked how to cut the network starts no worker', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'worker-'));
  try {
    const module = join(folder, 'waits.mjs');
    await writeFile(module, "process.on('message', () => {});");
    const stop = new AbortController();
    const cut = async () => {
      stop.abort();
      return 'none' as const;
    };
    const limits = {
      maxEntries: 1,
      maxUnpackedBytes: 1,
      maxRatio: 1,
      ratioFreeBytes: 1,
      devices: 'refuse' as const,
    };
    const job = { kind: 'unpack' as const, folder, limits };

    await assert.rejects(
      runWorker({ module, user: undefined, heapMiB: 64, cut }, { job, signal: stop.signal }),
      (error) => isIgniteError(error, 'host/cancelled'),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
