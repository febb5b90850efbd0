import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundNic } from './vm-bound.ts';

/** As every record before user networks has it. */
const bridge = {
  mode: 'bridge',
  network: 'ign0',
  mac: '02:00:00:00:00:01',
  address: '10.62.0.2',
  prefixLength: 16,
  gateway: '10.62.0.1',
  dns: ['10.62.0.1'],
  mtu: 1500,
  ports: [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' }],
};

test('NICs of records from before user networks are read', () => {
  assert.deepEqual(boundNic.parse(bridge), bridge);
});

test('a user NIC says what carries it; a bridge NIC says no such thing', () => {
  const user = { ...bridge, mode: 'user', network: 'user', backend: 'passt', hostLoopback: false };

  assert.deepEqual(boundNic.parse(user), user);
  assert.ok(!boundNic.safeParse({ ...bridge, mode: 'user' }).success);
  assert.ok(!boundNic.safeParse({ ...bridge, backend: 'passt' }).success);
});
