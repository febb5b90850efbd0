import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { liveVm } from '../live-vm.ts';
import { awaitReady } from './await-ready.ts';
import type { StepContext } from './context.ts';

test('a start that was given up before the guest was waited for is over at once', async () => {
  const handle: Partial<SupervisorHandle> = {
    status: () => ({ phase: 'starting' }) as ReturnType<SupervisorHandle['status']>,
    onStatus: () => () => {},
    ended: new Promise(() => {}),
  };
  const record = vmRecord('a', {}, { history: { restarts: 0, seeded: true } });
  const context = {
    vm: { ...liveVm(record, 'boot'), handle },
    signal: AbortSignal.abort(new Error('enough')),
    start: { attach: false, readyTimeoutMs: 3_600_000 },
  };
  await assert.rejects(awaitReady(context as unknown as StepContext), /enough/);
});
