import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import type { SnapshotFill } from '../../disks/index.ts';
import { hostClock } from '../../host/index.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { type LiveVm, liveVm } from '../live-vm.ts';
import { watchSnapshots } from './watch-snapshots.ts';

/** A VM that runs, with a disk of that means. */
function vmWith(name: string, means: 'device-mapper' | 'copy'): LiveVm {
  const record = vmRecord(name);
  const disk = { path: 'disk0.cow', format: 'raw', means, bytes: 1000 } as const;
  const handle = {} as unknown as SupervisorHandle; // only whether there is one is asked
  return Object.assign(liveVm({ ...record, bound: { ...record.bound, disk } }, 'b'), { handle });
}

const fill = (used: number, broken = false): SnapshotFill => ({ used, total: 100, broken });

test('HAZ-03: a store that becomes nearly full is told once; its fill is shown', async () => {
  const vm = vmWith('a', 'device-mapper');
  const answers = [fill(10), fill(89), fill(90), fill(95), fill(0, true), fill(20), fill(91)];
  const seen: (number | undefined)[] = [];
  const told: number[] = [];
  const ending = new AbortController();
  await watchSnapshots({
    vms: () => [vm],
    clock: hostClock(),
    instance: 'i1',
    snapshots: {
      fills: async (prefix) => {
        seen.push(vm.snapshot?.used);
        const next = answers.shift();
        if (next === undefined) ending.abort();
        return new Map(next === undefined ? [] : [[`${prefix}${vm.record.metadata.uid}`, next]]);
      },
    },
    filled: ({ snapshot }) => void told.push(snapshot?.used ?? -1),
    complain: (text) => assert.fail(text),
    signal: ending.signal,
    everyMs: 1,
  });
  assert.deepEqual(seen, [undefined, 10, 89, 90, 95, 0, 20, 91]);
  assert.deepEqual(told, [90, 91]);
});

test('where no VM has such a disk nothing is run', async () => {
  const ending = new AbortController();
  let looks = 0;
  await watchSnapshots({
    vms: () => {
      looks += 1;
      if (looks === 3) ending.abort();
      return [vmWith('a', 'copy')];
    },
    clock: hostClock(),
    instance: 'i1',
    snapshots: { fills: async () => assert.fail('it was looked') },
    filled: () => assert.fail('it was told'),
    complain: (text) => assert.fail(text),
    signal: ending.signal,
    everyMs: 1,
  });
});
