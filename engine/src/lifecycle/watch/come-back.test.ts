import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError, type RecordedEnd, type VmRecord } from '@ignite/api';
import { comeBack, comesBackAfter, comesBackWithDaemon, restartsSoFar } from './come-back.ts';
import { liveVm } from '../live-vm.ts';

const BOOT = 'this-boot';
const START = '2026-01-01T00:00:00Z';
const SOON = '2026-01-01T00:00:01Z';
const LATE = '2026-01-01T01:00:00Z';

type Policy = VmRecord['spec']['restartPolicy'];

/** The part of a record that the policy looks at. */
function recordWith(
  restartPolicy: Policy,
  running: boolean,
  history: Partial<VmRecord['history']> = {},
): VmRecord {
  const full = { restarts: 0, seeded: true, ...history };
  return { spec: { restartPolicy, running }, history: full, metadata: { name: 'a' } } as VmRecord;
}

function ended(how: RecordedEnd['how'], code?: number, at = SOON) {
  return {
    lastStart: { at: START, boot: BOOT },
    lastEnd: { at, how, ...(code === undefined ? {} : { code }) },
  };
}

/** The end of one that was told to end, or of one whose VMM the host took away. */
function askedBy(by: 'host' | 'user', code?: number, how: RecordedEnd['how'] = 'command') {
  const { lastStart, lastEnd } = ended(how, code);
  return { lastStart, lastEnd: { ...lastEnd, by } };
}

const always: Policy = { name: 'always' };
const unlessStopped: Policy = { name: 'unless-stopped' };
const onFailure: Policy = { name: 'on-failure', maximumRetryCount: 2 };
const no: Policy = { name: 'no' };

for (const [what, policy, running, end, sameBoot, otherBoot] of [
  ['ended by itself', always, true, ended('command', 0), true, true],
  ['stopped by hand', always, false, ended('command', 0), false, true],
  ['stopped by hand', unlessStopped, false, ended('command', 0), false, false],
  ['lost with the host', unlessStopped, true, ended('host-rebooted'), true, true],
  ['lost with the host', onFailure, true, ended('host-rebooted'), false, false],
  ['lost with the host', no, true, ended('host-rebooted'), false, false],
  ['failed', onFailure, true, ended('command', 3), true, true],
  ['told to end with the host', always, true, askedBy('host', 143), true, true],
  ['told to end with the host', unlessStopped, true, askedBy('host', 143), true, true],
  ['told to end with the host', onFailure, true, askedBy('host', 143), false, false],
  ['told to end with all others', onFailure, true, askedBy('user', 143), false, false],
  ['crashed', onFailure, true, askedBy('host', undefined, 'vmm-crashed'), true, true],
  ['failed and stopped', onFailure, false, ended('command', 3), false, false],
  ['never started', always, true, {}, false, false],
] as const)
  test(`${policy.name}, ${what}: back with a new daemon ${sameBoot}, with a new boot ${otherBoot}`, () => {
    const record = recordWith(policy, running, end);
    assert.equal(comesBackWithDaemon(record, BOOT), sameBoot);
    assert.equal(comesBackWithDaemon(record, 'another-boot'), otherBoot);
  });

test('a start that failed is tried again with a new daemon, but not by on-failure', () => {
  const history = {
    ...ended('command', 0),
    lastFailure: { at: LATE, code: 'network/port-taken', message: 'taken' },
  };
  assert.equal(comesBackWithDaemon(recordWith(always, true, history), BOOT), true);
  assert.equal(comesBackWithDaemon(recordWith(onFailure, true, history), BOOT), false);
});

test('a steady run begins the count anew', () => {
  const short = recordWith(onFailure, true, { ...ended('command', 1), restarts: 2 });
  const long = recordWith(onFailure, true, { ...ended('command', 1, LATE), restarts: 2 });
  assert.deepEqual([restartsSoFar(short), restartsSoFar(long)], [2, 0]);
  const end = { at: LATE, how: 'command', code: 1 } as const;
  assert.deepEqual([comesBackAfter(short, end), comesBackAfter(long, end)], [false, true]);
  const clockSet = recordWith(onFailure, true, {
    lastStart: { at: START, boot: BOOT },
    lastEnd: { ...end, ranMs: 1_000 },
    restarts: 2,
  });
  assert.equal(restartsSoFar(clockSet), 2);
});

/** Fails so often; remembers how long it was waited, and what was asked for. */
function worldThatFails(times: number) {
  const delays: number[] = [];
  const starts: number[] = [];
  const hooks = {
    clock: { sleep: async (ms: number) => void delays.push(ms) },
    start: async (_vm: object, restarts: number) => {
      starts.push(restarts);
      if (starts.length <= times) throw new Error('not yet');
    },
    complain: () => {},
    signal: new AbortController().signal,
  };
  return { delays, starts, hooks };
}

test('after a reboot it is tried at once, then ever more seldom', async () => {
  const { delays, starts, hooks } = worldThatFails(3);
  await comeBack(liveVm(recordWith(always, true, ended('host-rebooted')), BOOT), false, hooks);
  assert.deepEqual(starts, [1, 2, 3, 4]);
  assert.deepEqual(delays, [200, 400, 800]);
});

test('after an end it waits first, longer for each restart in a row; on-failure has as many tries as it says', async () => {
  const { delays, starts, hooks } = worldThatFails(99);
  const vm = liveVm(
    recordWith({ name: 'on-failure', maximumRetryCount: 5 }, true, { ...ended('command', 1), restarts: 3 }),
    BOOT,
  );
  await comeBack(vm, true, hooks);
  assert.deepEqual(starts, [4, 5]);
  assert.deepEqual(delays, [800, 1600, 3200]);
});

for (const policy of [unlessStopped, always])
  test(`${policy.name}: a stop while it waits ends it`, async () => {
    const { starts, hooks } = worldThatFails(99);
    const vm = liveVm(recordWith(policy, true, ended('command', 1)), BOOT);
    const sleep = async () => void (vm.record = recordWith(policy, false, ended('command', 1)));
    await comeBack(vm, true, { ...hooks, clock: { sleep } });
    assert.deepEqual(starts, []);
  });

test('the end of the daemon ends the wait, and is no failure', async () => {
  const { starts, hooks } = worldThatFails(0);
  const ending = new AbortController();
  const sleep = async () => {
    ending.abort();
    ending.signal.throwIfAborted();
  };
  const vm = liveVm(recordWith(always, true, ended('command', 1)), BOOT);
  await comeBack(vm, true, { ...hooks, clock: { sleep }, signal: ending.signal });
  assert.deepEqual(starts, []);
});

test('a stop that takes over from a start ends it, also after a reboot of what was not to run', async () => {
  const { hooks } = worldThatFails(0);
  const vm = liveVm(recordWith(always, false, ended('host-rebooted')), BOOT);
  let starts = 0;
  const start = async () => {
    starts += 1;
    if (starts === 1) throw new IgniteError('lifecycle/superseded', 'a stop');
  };
  await comeBack(vm, false, { ...hooks, start });
  assert.equal(starts, 1);
});

test('a start whose turn comes after a stop is not wanted any more', async () => {
  const { hooks } = worldThatFails(0);
  const vm = liveVm(recordWith(unlessStopped, true, ended('command', 1)), BOOT);
  const wants: boolean[] = [];
  const start = async (_vm: object, _restarts: number, wanted: () => boolean) => {
    wants.push(wanted());
    vm.record = recordWith(unlessStopped, false, ended('command', 1)); // what the stop before it in the queue has written
    wants.push(wanted());
  };
  await comeBack(vm, true, { ...hooks, start });
  assert.deepEqual(wants, [true, false]);
});
