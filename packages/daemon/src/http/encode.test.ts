import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeVm } from '../../../../engine/src/lifecycle/describe-vm.ts';
import { change, liveVm } from '../../../../engine/src/lifecycle/live-vm.ts';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import { createEncoder, encodeResult } from './encode.ts';

test('a list is what encoding it whole gives, the first time, again, and after every kind of change', () => {
  const encode = createEncoder();
  const vms = ['a', 'b', 'c'].map((name) => liveVm(vmRecord(name), 'b'));
  const check = () => {
    const items = vms.map(describeVm);
    assert.deepEqual(JSON.parse(encode('listVms', { items })), encodeResult('listVms', { items }));
  };
  const [a = liveVm(vmRecord('a'), 'b')] = vms;
  check();
  check();
  change(a, { activity: { kind: 'starting', stage: 'boot', operation: 'op' } });
  check();
  a.record = { ...a.record, spec: { ...a.record.spec, memory: 1 << 30 } };
  check();
  a.record = { ...a.record, metadata: { ...a.record.metadata, name: 'other' } };
  check();
  a.record = { ...a.record, bound: { ...a.record.bound, slot: 7 } };
  check();
  vms.pop();
  check();
});
