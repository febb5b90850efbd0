import assert from 'node:assert/strict';
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import { createQueue } from '../../host/index.ts';
import { bindDrives } from '../drives.ts';
import { type LiveVm, liveVm } from '../live-vm.ts';
import type { StepContext } from './context.ts';
import { giveDrivesBack, takeDrives } from './drives.ts';

/** A VM that reads the volume `data`, as the user of its VMM. */
function reader(name: string, uid: number): LiveVm {
  const record = vmRecord(name, {
    storage: {
      volumes: [{ name: 'v', volume: { name: 'data' } }],
      volumeMounts: [{ name: 'v', mountPath: '/data', readOnly: true }],
    },
  });
  const drives = [...bindDrives(record.spec, new Map([['data', 'd']]))];
  return liveVm({ ...record, bound: { ...record.bound, uid, drives } }, 'boot');
}

test('a volume that one reader gives back while another takes it is the taker’s', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-drives-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'data');
  await writeFile(path, '');
  await chown(path, 61001, 61001);
  const [old, young] = [reader('old', 61001), reader('young', 61002)];
  old.holdsDrives = true;
  const owners = createQueue();
  const contextOf = (vm: LiveVm) =>
    ({
      vm,
      all: () => [old, young],
      owners,
      journal: { live: () => [] },
      rooms: { volumes: { path: () => path }, drivers: [] },
      signal: AbortSignal.timeout(60_000),
    }) as unknown as StepContext;

  const asked = Promise.withResolvers<void>();
  void owners(() => asked.promise); // somebody else's turn
  const both = Promise.all([giveDrivesBack(contextOf(old)), takeDrives(contextOf(young))]);
  asked.resolve();
  await both;

  assert.equal((await stat(path)).uid, 61002);
  assert.deepEqual([old.holdsDrives, young.holdsDrives], [false, true]);

  await giveDrivesBack(contextOf(young));
  assert.equal((await stat(path)).uid, 0);
});
