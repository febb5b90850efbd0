import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { VmRecord } from '@ignite/api';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { type LiveVm, liveVm } from '../live-vm.ts';
import type { StepContext } from './context.ts';
import { kill, recordEnd, shutDown } from './end.ts';

const NOW = new Date('2026-11-20T10:00:00Z');

/** A run of a VM whose supervisor ends as `means` says, and what is told of it. */
function runOf(means: 'asked' | 'forced', running: boolean) {
  const record = vmRecord('a', { running }, { history: { restarts: 0, seeded: true } });
  const handle = { kill: async () => means, close: () => {} } satisfies Partial<SupervisorHandle>;
  const vm = { ...liveVm(record, 'boot'), handle: handle as unknown as SupervisorHandle };
  const notes: string[] = [];
  const ends: (VmRecord['history']['lastEnd'] | 'still held')[] = [];
  const context = {
    vm,
    rooms: {
      state: { bootId: 'boot', vms: { put: async () => {} } },
      clock: { now: () => NOW },
    },
    journal: { gone: async () => {} },
    report: (progress: { readonly text?: string }) => void notes.push(progress.text ?? ''),
    ended: ({ handle, record }: LiveVm) =>
      void ends.push(handle === undefined ? record.history.lastEnd : 'still held'),
    signal: AbortSignal.timeout(60_000),
  };
  return { context: context as unknown as StepContext, notes, ends };
}

test('a supervisor that had to be killed is told, and its VM was killed by whoever asked', async () => {
  const { context, notes, ends } = runOf('forced', false);
  await kill(context);
  assert.deepEqual(notes, ['The supervisor of a did not answer and was killed with its VM']);
  await recordEnd(context, { end: 'lost' });
  const end = { at: NOW.toISOString(), how: 'killed', by: 'user' };
  assert.deepEqual(context.vm.record.history.lastEnd, end);
  assert.deepEqual(ends, [end]);
});

test('one that was lost is told as lost by the host, once, when nobody holds it any more', async () => {
  const { context, notes, ends } = runOf('asked', true);
  await recordEnd(context, { end: 'lost' });
  await recordEnd(context, { end: 'lost' });
  assert.deepEqual(notes, []);
  assert.deepEqual(ends, [{ at: NOW.toISOString(), how: 'supervisor-lost', by: 'host' }]);
});

test('the end of a lost run is not before its start, though the clock of the host was set back', async () => {
  const { context } = runOf('asked', true);
  const lastStart = { at: '2026-11-20T11:00:00.000Z', boot: 'boot' };
  context.vm.record = vmRecord('a', { running: true }, { history: { restarts: 0, seeded: true, lastStart } });
  await recordEnd(context, { end: 'lost' });
  assert.equal(context.vm.record.history.lastEnd?.at, lastStart.at); // else it would be found again and again
});

test('a guest that came up has what its first start brings, though no daemon saw it; one that did not has not', async () => {
  const at = NOW.toISOString();
  for (const ready of [true, false]) {
    const { context } = runOf('asked', true);
    context.vm.record = vmRecord('a', { running: true }, { history: { restarts: 0, seeded: false } });
    const paths = { ...context.paths, logs: '/nowhere' };
    const end = { boot: 'boot', startedAt: at, endedAt: at, vmm: { code: 0 }, ready, killed: false };
    await recordEnd({ ...context, paths }, { end });
    assert.equal(context.vm.record.history.seeded, ready);
  }
});

test('a guest that is given longer than a timer can wait is not killed at once', async () => {
  const ended = Promise.withResolvers<undefined>();
  const killed: string[] = [];
  const session = { shutdown: async () => {}, closed: new Promise<void>(() => {}) };
  const handle = {
    ended: ended.promise,
    open: async () => new PassThrough(),
    kill: async () => {
      killed.push('killed');
      return 'asked' as const;
    },
  };
  const vm = { ...liveVm(vmRecord('a', { running: false }), 'boot'), handle };
  const context = {
    vm,
    rooms: { guest: { connect: async () => session } },
    report: () => {},
    signal: AbortSignal.timeout(60_000),
  } as unknown as StepContext;
  const done = shutDown(context, { graceMs: 3_000_000 * 1000 });
  setTimeout(() => ended.resolve(undefined), 50); // it takes its time, and ends by itself
  await done;
  assert.deepEqual(killed, []);
});

test('a command is asked to end by the signal that somebody names, a machine as ever', async () => {
  for (const [mode, expected] of [
    ['app', 'signal 2'],
    ['system', 'shutdown'],
  ] as const) {
    const ended = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    const heard = (what: string) => {
      seen.push(what);
      ended.resolve(undefined);
    };
    const main = {
      exit: Promise.reject(new Error('left')),
      signal: (number: number) => heard(`signal ${number}`),
      reset: () => {},
    };
    const session = {
      shutdown: async () => heard('shutdown'),
      main: async () => main,
      closed: new Promise<void>(() => {}),
    };
    main.exit.catch(() => {});
    const handle = { ended: ended.promise, open: async () => new PassThrough() };
    const record = vmRecord('a', { running: false });
    const vm = { ...liveVm({ ...record, bound: { ...record.bound, mode } }, 'boot'), handle };
    const context = {
      vm,
      rooms: { guest: { connect: async () => session } },
      report: () => {},
      signal: AbortSignal.timeout(60_000),
    } as unknown as StepContext;
    await shutDown(context, { graceMs: 60_000, stopSignal: 2 });
    assert.deepEqual(seen, [expected]);
  }
});
