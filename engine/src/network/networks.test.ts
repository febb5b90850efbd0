import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { createNetworks } from './networks.ts';
import type { AttachContext, UserNic } from './port.ts';
import type { UserNetwork } from './user/index.ts';

const nic: UserNic = {
  mode: 'user',
  network: 'user',
  backend: 'qemu',
  hostLoopback: true,
  mac: '02:00:00:00:00:01',
  address: '10.0.2.15',
  prefixLength: 24,
  gateway: '10.0.2.2',
  dns: ['10.0.2.3'],
  mtu: 1500,
  ports: [],
};
const checked: UserNic[] = [];
const user: UserNetwork = {
  bind: async () => nic,
  check: async (one) => void checked.push(one),
  placeOf: async () => ({ kind: 'built-in', subnet: '10.0.2.0/24', bound: nic }),
};
const signal = AbortSignal.timeout(120_000);
const context: AttachContext = {
  slot: 0,
  vmUid: 'u',
  vmName: 'n',
  uid: 0,
  signal,
  claims: {
    claim: () => Promise.reject(new Error('a user network claims nothing')),
    made: () => Promise.reject(new Error('a user network makes nothing')),
    gone: () => Promise.reject(new Error('a user network leaves nothing')),
    live: () => [],
  },
};

test('a daemon that is not root has user networks, and says what to do about a bridge', async () => {
  const networks = createNetworks({ user });

  assert.equal(networks.defaultMode, 'user');
  assert.deepEqual(await networks.bind({ vmUid: 'u', ports: [] }, [], signal), nic);
  await assert.rejects(networks.bind({ vmUid: 'u', ports: [], mode: 'bridge' }, [], signal), (error) =>
    isIgniteError(error, 'network/needs-root'),
  );
  await networks.look(() => [], signal);
  await networks.removeAll(signal);
});

test('a user network is checked at each start and leaves nothing to detach', async () => {
  const networks = createNetworks({ user });

  assert.equal(await networks.observe(nic, context, signal), 'absent');
  await networks.attach(nic, context);
  await networks.detach(nic, context);
  await networks.rebuild(() => [{ nic, slot: 0, vmUid: 'u' }], signal);

  assert.deepEqual(checked, [nic]);
});
