import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { type NetworkRecord, parseRecord } from './record.ts';

const record: NetworkRecord = {
  format: 1,
  name: 'ign0',
  subnet: '10.62.0.0/16',
  gateway: '10.62.0.1',
  gatewayMac: '02:00:00:00:00:01',
  mtu: 1500,
  opened: { bootId: 'b', interfaces: ['eth0'] },
};

test('a record is read as it was written; fields of newer versions are passed over', () => {
  assert.deepEqual(parseRecord({ ...record, later: true }), record);
});

test('every damage is told', () => {
  const damages: Record<string, unknown> = {
    format: 2,
    name: 7,
    subnet: '10.62.0.0/99',
    gateway: 'x',
    gatewayMac: '02',
    mtu: 12,
    opened: { bootId: 'b', interfaces: [1] },
  };
  for (const [field, value] of Object.entries(damages))
    assert.throws(
      () => parseRecord({ ...record, [field]: value }),
      (error) => isIgniteError(error, 'network/record-damaged'),
      field,
    );
  assert.throws(() => parseRecord([]), /no object/);
});
