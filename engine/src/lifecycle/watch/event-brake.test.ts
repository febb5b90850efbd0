import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { createEventBrake } from './event-brake.ts';
import { type LiveVm, liveVm } from '../live-vm.ts';

const MINUTE_MS = 60_000;

/** A brake on a clock that is moved by hand, and what it tells. */
function braked() {
  const told: string[] = [];
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  let now = 0;
  const tell = createEventBrake({
    clock: {
      monotonicMs: () => now,
      sleep: (ms) => new Promise((wake) => sleepers.push({ until: now + ms, wake })),
    },
    tell: (vm, action, leftOut) => told.push(`${vm.record.metadata.name} ${action} ${leftOut}`),
    signal: new AbortController().signal,
  });
  const pass = async (ms: number) => {
    now += ms;
    for (const { until, wake } of sleepers.splice(0)) {
      assert.ok(until <= now);
      wake();
    }
    await new Promise(setImmediate);
  };
  return { tell, told, pass };
}

function running(name: string): LiveVm {
  const handle: Partial<SupervisorHandle> = {};
  return Object.assign(liveVm(vmRecord(name), 'boot'), { handle });
}

test('a guest that opens and closes its link all the time is told of now and then, with what it was last', async () => {
  const { tell, told, pass } = braked();
  const [vm, other] = [running('a'), running('b')];
  for (let time = 0; time < 500; time += 1) {
    tell(vm, 'agent-lost');
    tell(vm, 'agent-back');
  }
  assert.equal(told.length, 20);
  tell(other, 'agent-lost');
  tell(vm, 'health');
  assert.deepEqual(told.splice(0).slice(-2), ['b agent-lost 0', 'a health 0']);

  await pass(MINUTE_MS);
  assert.deepEqual(told.splice(0), ['a agent-back 979']);
  tell(vm, 'agent-lost');
  await pass(MINUTE_MS);
  assert.deepEqual(told, ['a agent-lost 0']);
});

test('what is held back of a run that has ended is not told after its end', async () => {
  const { tell, told, pass } = braked();
  const vm = running('a');
  for (let time = 0; time < 30; time += 1) tell(vm, 'agent-lost');
  vm.handle = undefined;
  await pass(MINUTE_MS);
  assert.equal(told.length, 20);
});
