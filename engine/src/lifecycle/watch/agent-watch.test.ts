import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import type { GuestSession } from '../../guest/port.ts';
import { hostClock } from '../../host/index.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import { type AgentWatch, watchAgents } from './agent-watch.ts';
import { change, type LiveVm, liveVm } from '../live-vm.ts';

/** A VM that is up; of its supervisor only the phase is asked. */
function upVm(name: string): LiveVm {
  const handle = { status: () => ({ phase: 'ready' }) } as unknown as SupervisorHandle;
  return Object.assign(liveVm(vmRecord(name), 'b'), { handle });
}

/** Watches quickly; the agent of each VM answers pings as long as its name is not in `hung`. */
function watched(vms: readonly LiveVm[], hung: ReadonlySet<string>) {
  const ending = new AbortController();
  const asked: string[] = [];
  const told: string[] = [];
  const heard = Promise.withResolvers<void>();
  const open = async ({ record: { metadata } }: LiveVm) => {
    const ping = async () => {
      asked.push(metadata.name);
      if (hung.has(metadata.name)) throw new Error('no answer in time');
    };
    return { ping } as unknown as GuestSession; // nothing else is called
  };
  const watch: AgentWatch = {
    vms: () => vms,
    clock: hostClock(),
    session: open,
    changed: (vm, lost) => {
      change(vm, { agentLost: lost });
      told.push(`${vm.record.metadata.name} ${lost ? 'lost' : 'back'}`);
      heard.resolve();
    },
    signal: ending.signal,
    everyMs: 5,
  };
  return { asked, told, heard: heard.promise, done: watchAgents(watch), end: () => ending.abort() };
}

test('an agent that hangs is noticed by itself, once; others are not', async () => {
  const [a, b] = [upVm('a'), upVm('b')];
  const { told, asked, heard, done, end } = watched([a, b], new Set(['b']));
  await heard;
  assert.deepEqual(told, ['b lost']);
  assert.ok(asked.includes('a'));
  assert.equal(a.agentLost, false);
  end();
  await done;
});

test('one that answers again is back', async () => {
  const vm = upVm('a');
  change(vm, { agentLost: true });
  const { told, heard, done, end } = watched([vm], new Set());
  await heard;
  assert.deepEqual(told, ['a back']);
  end();
  await done;
});

test('nobody asks a VM that is paused, is being stopped, or does not run', async () => {
  const [paused, stopping, off, up] = [
    upVm('paused'),
    upVm('stopping'),
    liveVm(vmRecord('off'), 'b'),
    upVm('up'),
  ];
  change(paused, { paused: true });
  change(stopping, { activity: { kind: 'stopping', stage: 'stop', operation: 'x' } });
  const { asked, heard, done, end } = watched([paused, stopping, off, up], new Set(['up']));
  await heard;
  assert.deepEqual([...new Set(asked)], ['up']);
  end();
  await done;
});
