import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventBody, Vm } from '@ignite/api';
import { createTeller } from './event-memory.ts';

const TOLD_AT = '2026-01-01T12:00:00.000Z';

/** A VM as an event describes it. */
function vm(uid: string, status: object = {}): Vm {
  return { metadata: { uid }, status } as Vm;
}

/** A teller over a log with these events of VMs, and what it tells. */
async function tellerAfter(log: readonly (readonly [uid: string, action: string, attributes?: object])[]) {
  const told: string[] = [];
  const events = log.map(
    ([uid, action, attributes = {}], index) =>
      ({ seq: index + 1, time: TOLD_AT, kind: 'vm', action, vm: uid, attributes }) as EventBody,
  );
  const teller = await createTeller({
    events: {
      last: () => events.length,
      read: async function* () {
        yield* events;
      },
    },
    onEvent: (action, { metadata }) => void told.push(`${action} ${metadata.uid}`),
    clock: { now: () => new Date(TOLD_AT) },
    complain: () => assert.fail(),
    signal: new AbortController().signal,
  });
  return { ...teller, told };
}

test('what was told by an earlier daemon is not told again, and its change is', async () => {
  const { tell, told } = await tellerAfter([
    ['a', 'start'],
    ['a', 'pause'],
    ['b', 'start'],
    ['b', 'agent-lost'],
    ['b', 'health', { health: 'healthy' }],
  ]);
  tell('pause', vm('a'));
  tell('agent-lost', vm('b'));
  tell('health', vm('b', { health: 'healthy' }));
  assert.deepEqual(told, []);
  tell('pause', vm('a', { detail: 'disk full' }));
  tell('unpause', vm('a'));
  tell('agent-back', vm('b'));
  tell('health', vm('b', { health: 'unhealthy' }));
  tell('health', vm('b', { health: 'unhealthy' }), undefined, 3); // others between them were left out
  assert.deepEqual(told, ['pause a', 'unpause a', 'agent-back b', 'health b', 'health b']);
});

test('a run begins anew: what was told of the one before it does not count', async () => {
  const { tell, told } = await tellerAfter([['a', 'pause']]);
  for (const action of ['die', 'start', 'pause'] as const) tell(action, vm('a'));
  assert.deepEqual(told, ['die a', 'start a', 'pause a']);
});

test('that a VM is up is told where its start was not, and not where nothing is known of it', async () => {
  const { tellUp, told } = await tellerAfter([
    ['made', 'create'],
    ['started', 'start'],
    ['ended', 'start'],
    ['ended', 'die'],
  ]);
  for (const uid of ['made', 'started', 'ended', 'old', 'made']) tellUp(vm(uid));
  assert.deepEqual(told, ['start made', 'start ended']);
});

test('an end that nobody wrote down is told with its start, but not if it was told', async () => {
  const { tellEnd, told } = await tellerAfter([
    ['told', 'die'],
    ['again', 'die'],
    ['up', 'start'],
    ['booted', 'create'],
  ]);
  const [before, after] = ['2026-01-01T11:59:00.000Z', '2026-01-01T12:01:00.000Z'];
  tellEnd(vm('told'), { startedAt: before, at: TOLD_AT, ran: true });
  assert.deepEqual(told, []);
  tellEnd(vm('again'), { startedAt: after, at: after, ran: true });
  tellEnd(vm('up'), { startedAt: before, at: after, ran: true });
  tellEnd(vm('booted'), { startedAt: before, at: after, ran: false });
  assert.deepEqual(told, ['start again', 'die again', 'die up', 'die booted']);
});
