import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeclaredVm, type Vm, type VmRecord, type VmSpecInput } from '@ignite/api';
import { vmRecord } from '../../../test/fixtures/vm-record.ts';
import type { VmLook } from '../lifecycle/index.ts';
import { derivedUid, planAll } from './plan.ts';
import type { DeclareRequest } from './port.ts';
import { pruningOf } from './pruning.ts';

function declared(name: string, spec: VmSpecInput = {}, more: Partial<DeclaredVm> = {}): DeclaredVm {
  return {
    metadata: { name },
    spec: { image: { oci: 'a:1' }, ...spec },
    origin: { file: 'a.yaml', line: 1 },
    ...more,
  };
}

/** A VM as an earlier apply made it. */
function there(
  name: string,
  spec: VmSpecInput = {},
  more: Partial<VmRecord> = {},
  state: Vm['status']['state'] = 'running',
): VmLook {
  const record = vmRecord(name, spec, {
    manager: 'git:x',
    origin: { file: 'a.yaml', line: 1 },
    metadata: { name, uid: derivedUid('git:x', name), created: '2026-11-20T10:00:00Z' },
    history: { restarts: 0, seeded: true, lastStart: { at: '2026-11-20T10:00:00Z', boot: 'b' } },
    ...more,
  });
  const status = { running: state === 'running', state } as Vm['status']; // the planner looks at no more
  return {
    record,
    vm: { kind: 'VM', apiVersion: 'ignite.vm/v1beta1', metadata: record.metadata, spec: record.spec, status },
  };
}

function plan(objects: readonly DeclaredVm[], looks: readonly VmLook[], more: Partial<DeclareRequest> = {}) {
  return planAll({ manager: 'git:x', objects, ...more }, looks, {});
}

function actions(...rest: Parameters<typeof plan>) {
  return plan(...rest).map(({ name, action, error, drift }) =>
    [name, action, error?.code ?? drift].filter(Boolean).join(' '),
  );
}

test('GIT-22: BEY-06: a manifest without a UID gets the same one every time, another from another source', () => {
  const [first] = plan([declared('web')], []);
  assert.equal(first?.uid, derivedUid('git:x', 'web'));
  assert.match(first?.uid ?? '', /^[0-9a-f]{16}$/);
  assert.notEqual(derivedUid('git:y', 'web'), derivedUid('git:x', 'web'));
});

test('GIT-50, GIT-51, GIT-52: GIT-53: a change of an existing VM is carried out, each field at its moment', () => {
  assert.deepEqual(actions([declared('a')], [there('a')]), ['a keep']);
  assert.deepEqual(actions([declared('a', { cpus: 2 })], [there('a')]), ['a restart']);
  assert.deepEqual(actions([declared('a', { cpus: 2 })], [there('a', { running: false }, {}, 'stopped')]), [
    'a start',
  ]);
  assert.deepEqual(actions([declared('a', { restartPolicy: { name: 'always' } })], [there('a')]), [
    'a update',
  ]);
  assert.deepEqual(actions([declared('a', { running: false })], [there('a')]), ['a stop']);
  const [restart] = plan([declared('a', { cpus: 2 })], [there('a')]);
  assert.deepEqual(restart?.changes, [{ path: 'spec.cpus', from: '1', to: '2', when: 'restart' }]);
});

test('nothing is recreated without consent, and nothing protected at all', () => {
  const image = { image: { oci: 'b:1' } };
  assert.deepEqual(actions([declared('a', image)], [there('a')]), ['a refuse vm/needs-recreate']);
  assert.deepEqual(actions([declared('a', image)], [there('a')], { allowRecreate: true }), ['a recreate']);
  const metadata = { name: 'a', annotations: { 'ignite.vm/on-change': 'recreate' } };
  assert.deepEqual(actions([declared('a', image, { metadata })], [there('a')]), ['a recreate']);
  const guarded = there('a', {}, { protected: true });
  assert.deepEqual(actions([declared('a', image)], [guarded], { allowRecreate: true }), [
    'a refuse vm/protected',
  ]);
});

test('a manifest may put a change off until the next start', () => {
  const metadata = { name: 'a', annotations: { 'ignite.vm/on-change': 'next-start' } };
  assert.deepEqual(actions([declared('a', { cpus: 2 }, { metadata })], [there('a')]), ['a update']);
});

test('one manager for each object: a second source naming it is refused', () => {
  const api = there('a', {}, { manager: 'api' });
  assert.deepEqual(actions([declared('a')], [api]), ['a refuse declare/conflict']);
  assert.match(plan([declared('a')], [api])[0]?.error?.message ?? '', /by hand.*once it is removed/);
  assert.deepEqual(actions([declared('a')], [api], { takeOver: true }), ['a update']);
});

test('API-N02, GIT-59: BUG-01: a UID is one VM’s, a name another’s; the same UID twice is refused', () => {
  const uid = derivedUid('git:x', 'a');
  assert.deepEqual(actions([declared('b', {}, { metadata: { name: 'b', uid } })], [there('a')]), [
    'b refuse declare/identity',
  ]);
  assert.deepEqual(actions([declared('a', {}, { metadata: { name: 'a', uid: 'other' } })], [there('a')]), [
    'a refuse declare/identity',
  ]);
  const twice = [
    declared('c', {}, { metadata: { name: 'c', uid: 'u1' } }),
    declared('d', {}, { metadata: { name: 'd', uid: 'u1' } }),
  ];
  assert.deepEqual(actions(twice, []), ['c create', 'd refuse declare/twice']);
  assert.deepEqual(actions([declared('', {}, { metadata: {} })], []), ['refuse declare/nameless']);
});

test('GIT-46: what is declared no more is removed, but only the source’s own, and never what is protected', () => {
  const looks = [
    there('a'),
    there('b'),
    there('c', {}, { manager: 'api' }),
    there('d', {}, { protected: true }),
  ];
  assert.deepEqual(actions([declared('a')], looks), ['a keep']);
  assert.deepEqual(actions([declared('a')], looks, { prune: () => true }), [
    'a keep',
    'b remove',
    'd keep protected: not removed though it is declared no more',
  ]);
});

test('a VM held by hand stays until its manifest changes', () => {
  const held = there('a', {}, { override: { running: false, at: '2026-11-20T10:00:00Z' } }, 'stopped');
  assert.deepEqual(actions([declared('a')], [held]), ['a keep stopped by hand']);
  assert.deepEqual(actions([declared('a', { cpus: 2 })], [held]), ['a start']);
});

test('GIT-34, GIT-57: a guest that ended by itself is drift; one lost with its host is started again', () => {
  const at = '2026-11-20T10:00:01Z';
  const history = { restarts: 0, seeded: true, lastStart: { at, boot: 'b' } };
  const ended = there('a', {}, { history: { ...history, lastEnd: { at, how: 'poweroff' } } }, 'stopped');
  assert.deepEqual(actions([declared('a')], [ended]), ['a keep ended by itself']);
  const legacy = { legacy: true, spec: { image: { oci: 'a:1' }, running: true } };
  assert.deepEqual(actions([declared('a', {}, legacy)], [ended]), ['a start'], 'it has no policy to follow');
  for (const how of ['host-rebooted', 'supervisor-lost', 'vmm-crashed'] as const) {
    const lost = there('a', {}, { history: { ...history, lastEnd: { at, how } } }, 'stopped');
    assert.deepEqual(actions([declared('a')], [lost]), ['a start'], how);
  }
  for (const by of ['host', 'user'] as const) {
    const lastEnd = { at, how: 'command', code: 143, by } as const;
    const told = there('a', {}, { history: { ...history, lastEnd } }, 'stopped');
    assert.deepEqual(actions([declared('a')], [told]), ['a start'], 'all VMs were told to end');
  }
});

test('the original’s manifests mean stopped where they do not say running', () => {
  const [planned] = plan([declared('a', {}, { legacy: true })], [there('a')]);
  assert.equal(planned?.action, 'stop');
});

test('D11: an empty tree, or more than three objects and half of a source, wait; a broken file removes nothing', () => {
  const facts = { complete: true, declared: 4, managed: 8, gone: 4, approved: false };
  assert.equal(pruningOf(facts).allowed, true);
  assert.equal(pruningOf({ ...facts, declared: 3, gone: 5 }).allowed, false);
  assert.equal(pruningOf({ ...facts, declared: 3, gone: 5, approved: true }).allowed, true);
  assert.equal(pruningOf({ ...facts, declared: 0, managed: 1, gone: 1 }).approvable, true);
  assert.deepEqual(pruningOf({ ...facts, complete: false, gone: 1 }).approvable, false);
  assert.equal(pruningOf({ ...facts, managed: 3, declared: 1, gone: 2 }).allowed, true);
});
