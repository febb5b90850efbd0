import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { change, liveVm } from '../live-vm.ts';
import { awaitReady, panicOf, timeLeftMs } from './await-ready.ts';
import type { StepContext } from './context.ts';

const HOUR_MS = 3_600_000;

function waiting(signal: AbortSignal): StepContext {
  const handle: Partial<SupervisorHandle> = {
    status: () => ({ phase: 'starting', notes: [] }) as unknown as ReturnType<SupervisorHandle['status']>,
    onStatus: () => () => {},
    ended: new Promise(() => {}),
  };
  const record = vmRecord('a', {}, { history: { restarts: 0, seeded: true } });
  const vm = { ...liveVm(record, 'boot'), handle };
  return { vm, signal, start: { attach: false, readyTimeoutMs: HOUR_MS } } as unknown as StepContext;
}

test('a start that was given up before the guest was waited for is over at once', async () => {
  await assert.rejects(awaitReady(waiting(AbortSignal.abort(new Error('enough')))), /enough/);
});

test('a guest that its VMM halts while it boots, for want of room, is not waited for', async () => {
  const context = { ...waiting(new AbortController().signal), paths: { directory: '/vms/a' } } as StepContext;
  const ready = awaitReady(context);
  await new Promise(setImmediate); // it waits by now
  change(context.vm, { paused: true, diskFull: true });
  await assert.rejects(ready, { code: 'host/disk-full', stage: 'boot' });
  assert.equal(context.vm.listeners.size, 0);
});

test('a guest that a new daemon finds booting has what remains of its time, and half a minute in any case', () => {
  assert.equal(timeLeftMs(300_000, 0), 300_000);
  assert.equal(timeLeftMs(300_000, 100_000), 200_000);
  assert.equal(timeLeftMs(300_000, 3_600_000), 30_000);
  assert.equal(timeLeftMs(5_000, 3_600_000), 5_000);
  assert.equal(timeLeftMs(300_000, -3_600_000), 300_000); // the clock was set back
});

test('what a guest says of its panic is told as one sentence, however long it makes it', () => {
  const said = panicOf(['fine', `[ 1.0] Kernel panic - not syncing: ${'\u0001'.repeat(60_000)}`]) ?? '';
  assert.match(said, /^Kernel panic - not syncing: /);
  assert.ok(said.length <= 300, `${said.length} characters`);
  assert.equal(panicOf(['fine']), undefined);
});
