import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ExitRecord } from '../../supervisor/port.ts';
import type { VmFacts } from './facts.ts';
import { type Goal, plan, type Step } from './planner.ts';

const exit: ExitRecord = {
  boot: 'b',
  startedAt: '2026-01-01T00:00:00Z',
  endedAt: '2026-01-01T00:01:00Z',
  vmm: { code: 0 },
  ready: true,
  killed: false,
};
const stopped: VmFacts = {
  disk: 'present',
  network: 'absent',
  supervisor: 'absent',
  phase: 'none',
  leftovers: false,
};
const running: VmFacts = {
  disk: 'present',
  network: 'attached',
  supervisor: 'running',
  phase: 'ready',
  leftovers: true,
};

function kinds(goal: Goal, facts: VmFacts): string[] {
  return plan(goal, facts).map((step) => step.kind);
}

test('a stopped VM starts with its network, is launched and waited for', () => {
  assert.deepEqual(kinds({ kind: 'running' }, stopped), [
    'attachNetwork',
    'prepareLaunch',
    'launch',
    'awaitReady',
  ]);
});

test('a VM without network has none attached', () => {
  assert.deepEqual(kinds({ kind: 'running' }, { ...stopped, network: 'none' })[0], 'prepareLaunch');
});

test('what an earlier run left is written down and cleared before the next start', () => {
  const facts: VmFacts = { ...stopped, unrecordedEnd: exit, leftovers: true, network: 'attached' };

  assert.deepEqual(kinds({ kind: 'running' }, facts), [
    'recordEnd',
    'clearRun',
    'prepareLaunch',
    'launch',
    'awaitReady',
  ]);
});

test('a running VM is left alone', () => {
  assert.deepEqual(kinds({ kind: 'running' }, running), []);
});

test('a VM whose guest has just ended is not taken for one that runs', () => {
  assert.deepEqual(kinds({ kind: 'running' }, { ...running, phase: 'ended' }), ['kill']);
});

test('STP-01: stop asks, kill does not, and a guest that is not up yet cannot be asked', () => {
  assert.deepEqual(kinds({ kind: 'stopped', graceMs: 5 }, running), ['shutDown']);
  assert.deepEqual(kinds({ kind: 'stopped' }, running), ['kill']);
  assert.deepEqual(kinds({ kind: 'stopped', graceMs: 5 }, { ...running, phase: 'starting' }), ['kill']);
});

test('GIT-54, HAZ-01: rm of a running VM ends it first and removes its files at the next look', () => {
  assert.deepEqual(kinds({ kind: 'absent' }, running), ['kill']);
  assert.deepEqual(kinds({ kind: 'absent' }, stopped), ['removeFiles']);
});

test('what has ended is cleared away, and what runs again is left alone', () => {
  const ended: VmFacts = { ...stopped, network: 'attached', leftovers: true, unrecordedEnd: exit };
  assert.deepEqual(kinds({ kind: 'cleared' }, ended), ['recordEnd', 'detachNetwork', 'clearRun']);
  assert.deepEqual(kinds({ kind: 'cleared' }, running), []);
});

test('a boot that a daemon finds under way is waited for; a guest that has ended is not started again by that', () => {
  assert.deepEqual(kinds({ kind: 'booted' }, { ...running, phase: 'starting' }), ['awaitReady']);
  for (const facts of [
    running,
    stopped,
    { ...running, phase: 'ended' } as const,
    { ...stopped, leftovers: true },
  ])
    assert.deepEqual(kinds({ kind: 'booted' }, facts), []);
});

// A world in which every step works: executing a plan and looking again must reach the goal and stay there.
const facts = fc.record<VmFacts>({
  disk: fc.constant('present'),
  network: fc.constantFrom('attached', 'partial', 'absent', 'none'),
  supervisor: fc.constantFrom('running', 'absent'),
  phase: fc.constantFrom('starting', 'ready', 'none'),
  leftovers: fc.boolean(),
});
const goals = fc.constantFrom<Goal>(
  { kind: 'running' },
  { kind: 'stopped' },
  { kind: 'stopped', graceMs: 10 },
  { kind: 'cleared' },
  { kind: 'absent' },
);

function execute(world: VmFacts, step: Step): VmFacts {
  switch (step.kind) {
    case 'attachNetwork':
      return { ...world, network: 'attached' };
    case 'detachNetwork':
      return { ...world, network: 'absent' };
    case 'prepareLaunch':
      return { ...world, leftovers: true };
    case 'launch':
      return { ...world, supervisor: 'running', phase: 'starting' };
    case 'awaitReady':
      return { ...world, phase: 'ready' };
    case 'shutDown':
    case 'kill':
      return { ...world, supervisor: 'absent', phase: 'none', unrecordedEnd: exit, leftovers: true };
    case 'recordEnd': {
      const { unrecordedEnd: _, ...rest } = world;
      return rest;
    }
    case 'clearRun':
      return { ...world, leftovers: false };
    case 'removeFiles':
      return { ...world, disk: 'absent' };
  }
}

test('from any facts a plan converges in three looks, and a second plan is empty', () => {
  fc.assert(
    fc.property(goals, facts, (goal, start) => {
      let world = start;
      for (let look = 0; look < 3; look++) for (const step of plan(goal, world)) world = execute(world, step);
      const left = plan(goal, world).filter((step) => step.kind !== 'removeFiles');
      assert.deepEqual(left, []);
      if (goal.kind === 'running') assert.equal(world.phase, 'ready');
      if (goal.kind === 'cleared') assert.equal(world.supervisor, start.supervisor);
      if (goal.kind === 'stopped' || goal.kind === 'absent') assert.equal(world.supervisor, 'absent');
      if (goal.kind === 'absent') assert.equal(world.disk, 'absent');
    }),
  );
});
