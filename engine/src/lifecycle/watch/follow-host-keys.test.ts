import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { createLimiter } from '../../work/index.ts';
import { followHostKeys, type KeyWatch } from './follow-host-keys.ts';
import { change, type LiveVm, liveVm } from '../live-vm.ts';

/** A VM that is up; its run is over when told. */
function upVm(name: string, over = new AbortController().signal): LiveVm {
  const handle = { status: () => ({ phase: 'ready' }), over } as unknown as SupervisorHandle;
  return Object.assign(liveVm(vmRecord(name), 'b'), { handle });
}

/** Time goes by in no time; what was slept is kept. */
function watching(more: Partial<KeyWatch>) {
  const slept: number[] = [];
  const watch: KeyWatch = {
    clock: {
      sleep: async (milliseconds, signal) => {
        signal?.throwIfAborted();
        slept.push(milliseconds);
      },
    },
    wanted: async () => true,
    pin: async () => true,
    places: createLimiter(1),
    signal: new AbortController().signal,
    ...more,
  };
  return { watch, slept };
}

test('a guest is asked until its keys are pinned, ever more rarely, though its agent may fail meanwhile', async () => {
  const answers = [async () => false, () => Promise.reject(new Error('no agent yet'))];
  let asked = 0;
  const pin = async () => {
    asked += 1;
    return (await answers[asked - 1]?.()) ?? asked === 7;
  };
  const { watch, slept } = watching({ pin });
  await followHostKeys(upVm('a'), watch);
  assert.equal(asked, 7);
  assert.deepEqual(slept, [1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
});

test('one without a server, or with pinned keys, is never asked; one that never has keys is given up', async () => {
  let asked = 0;
  const pin = async () => {
    asked += 1;
    return false;
  };
  const without = watching({ pin, wanted: async () => false });
  await followHostKeys(upVm('a'), without.watch);
  assert.deepEqual([asked, without.slept], [0, [1_000]]);
  await followHostKeys(upVm('a'), watching({ pin }).watch);
  assert.equal(asked, 35);
});

test('guests that do not answer take no place from those that do', async () => {
  const silent = upVm('silent');
  change(silent, { agentLost: true });
  const places = createLimiter(1);
  const asked: string[] = [];
  const pin = async ({ record }: LiveVm) => {
    asked.push(record.metadata.name);
    return true;
  };
  await followHostKeys(silent, watching({ pin, places }).watch);
  await followHostKeys(upVm('good'), watching({ pin, places }).watch);
  assert.deepEqual(asked, ['good']);
});

test('a VM that is paused or on its way out is asked later; the end of its run ends it', async () => {
  const vm = upVm('a');
  change(vm, { paused: true });
  const seen: boolean[] = [];
  const wake = async (milliseconds: number) => {
    if (milliseconds === 4_000) change(vm, { paused: false });
  };
  const pin = async ({ paused }: LiveVm) => {
    seen.push(paused);
    return true;
  };
  await followHostKeys(vm, watching({ pin, clock: { sleep: wake } }).watch);
  assert.deepEqual(seen, [false]);

  const over = new AbortController();
  let waitsOn = true;
  const neverPinned = watching({ pin: () => Promise.reject(new Error('gone')) });
  const sleep: KeyWatch['clock']['sleep'] = async (_milliseconds, signal) => {
    over.abort(); // its run ends while it waits
    waitsOn = signal?.aborted !== true;
    throw new Error('no further try');
  };
  await followHostKeys(upVm('b', over.signal), { ...neverPinned.watch, clock: { sleep } });
  assert.equal(waitsOn, false);
});
