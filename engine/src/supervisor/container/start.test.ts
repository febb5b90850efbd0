// What a start in a container says when its container has ended before anybody took hold of it.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { hostClock } from '../../host/index.ts';
import type { ContainerRuntime } from './runtime.ts';
import { startInContainer } from './start.ts';

for (const [said, stage, message] of [
  ['', 'exec', /ended as soon as it ran/],
  ['jail: /run/jail: No space left on device\n', 'jail', /No space left on device/],
] as const)
  test(`a container that has ended: ${message.source}; it is removed, with its files`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'contained-'));
    t.after(() => rm(folder, { recursive: true }));
    const calls: string[] = [];
    const runtime: ContainerRuntime = {
      name: 'docker',
      check: async () => {},
      run: async () => {
        calls.push('run');
        await writeFile(join(folder, 'spawn.launch.said'), said);
      },
      ended: async () => {},
      remove: async (name) => void calls.push(`remove ${name}`),
      list: async () => [],
    };
    const launch = {
      ...{ slot: 1, vmUid: 'u', runDirectory: folder, vmDirectory: folder, logDirectory: folder },
      ...{ argv: ['/vmm'] as const, env: {}, cgroups: [], descriptors: [], bootToken: '0'.repeat(32) },
      ...{ waitForReader: false, log: { maxBytes: 1, files: 1 } },
    };
    const container = { runtime: 'docker', name: 'ignite-u', labels: {} } as const;
    const parts = { runtime, clock: hostClock(), adopt: async () => undefined };
    await assert.rejects(
      startInContainer(launch, container, parts, AbortSignal.timeout(120_000)),
      (error) =>
        isIgniteError(error, 'supervisor/start-failed') &&
        error.stage === stage &&
        message.test(error.message),
    );
    assert.deepEqual(calls, ['remove ignite-u', 'run', 'remove ignite-u']);
    assert.deepEqual(await readdir(folder), []);
  });
