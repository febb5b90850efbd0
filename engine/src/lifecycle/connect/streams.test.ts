import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { OPEN_KIND } from '@ignite/protocol';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import type { Guest } from '../../guest/port.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { liveVm } from '../live-vm.ts';
import { openVmStream } from './streams.ts';

test('the output of a console that is given up ends', async () => {
  const console = new PassThrough();
  const handle = { open: async () => console } satisfies Partial<SupervisorHandle>;
  const vm = { ...liveVm(vmRecord('a'), 'boot'), handle: handle as unknown as SupervisorHandle };
  const opened = await openVmStream(
    vm,
    {} as Guest,
    { kind: OPEN_KIND.CONSOLE },
    AbortSignal.timeout(60_000),
  );
  assert.ok(opened.kind === 'stream');
  const { stream } = opened;
  const seen = text(stream.stdout);
  stream.reset();
  assert.deepEqual(await stream.exit, { code: 0, oom: false });
  assert.equal(await seen, '');
});
