import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { runWorker } from './run.ts';

const limits = {
  maxEntries: 1,
  maxUnpackedBytes: 1,
  maxRatio: 1,
  ratioFreeBytes: 1,
  devices: 'refuse' as const,
};

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
    const job = { kind: 'unpack' as const, folder, limits };

    await assert.rejects(
      runWorker({ module, user: undefined, memoryBytes: 96 << 20, cut }, { job, signal: stop.signal }),
      (error) => isIgniteError(error, 'host/cancelled'),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('an archive whose sender breaks off is never taken for a whole one, whatever the worker makes of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'worker-'));
  try {
    const module = join(folder, 'takes-all.mjs');
    const done = "process.send({ type: 'unpacked', archive: { files: [] } }, () => process.exit(0))";
    await writeFile(
      module,
      `process.on('message', () => {}); process.stdin.resume().on('end', () => ${done});`,
    );
    const settings = { module, user: undefined, memoryBytes: 96 << 20, cut: async () => 'none' as const };
    const job = { kind: 'unpack' as const, folder, limits };
    const upload = async function* (end: () => void) {
      yield Buffer.alloc(1024);
      end();
    };
    const run = (end: () => void) =>
      runWorker(settings, { job, stdin: upload(end), signal: new AbortController().signal });

    assert.equal((await run(() => {})).type, 'unpacked');
    const broken = new Error('the client went away');
    await assert.rejects(
      run(() => {
        throw broken;
      }),
      broken,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
