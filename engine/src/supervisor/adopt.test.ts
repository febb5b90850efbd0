import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { VERSION } from '@ignite/protocol';
import { hostClock, identifyProcess } from '../host/index.ts';
import { adoptSupervisor } from './adopt.ts';

async function withRecord(change: object, run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-adopt-'));
  try {
    const record = {
      version: VERSION.SPAWN,
      vm: 'v',
      slot: 0,
      exit: '/nowhere',
      ...identifyProcess(process.pid),
    };
    await writeFile(join(folder, 'spawn.json'), JSON.stringify({ ...record, ...change }));
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a supervisor that lives and takes no connection is not taken for one that ended', () =>
  withRecord({}, (folder) =>
    assert.rejects(adoptSupervisor(folder, hostClock(), AbortSignal.timeout(60)), (error) =>
      isIgniteError(error, 'supervisor/silent'),
    ),
  ));

test('a record of another process under the same pid is no supervisor', () =>
  withRecord({ startTime: 1 }, async (folder) => {
    assert.equal(await adoptSupervisor(folder, hostClock(), AbortSignal.timeout(60)), undefined);
  }));
