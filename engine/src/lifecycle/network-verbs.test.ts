import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostClock } from '../host/index.ts';
import type { Rooms } from './rooms.ts';
import { createNetworkVerbs } from './network-verbs.ts';
import type { VmTable } from './vm-table.ts';

test('a check names networks as everybody else does, the default one too', async () => {
  const nics = [
    { mode: 'bridge', network: 'ign0', address: '10.62.0.2' },
    { mode: 'bridge', network: 'lab', address: '10.80.0.2' },
  ];
  const vm = { record: { bound: { slot: 0, nics }, metadata: { uid: 'a', name: 'web' } }, handle: {} };
  const network = {
    list: async () => [
      { name: 'bridge', nicName: 'ign0' },
      { name: 'lab', nicName: 'lab' },
    ],
    check: async () => [{ hop: 'guest', ok: true, found: 'it answers' }],
  };
  const verbs = createNetworkVerbs(
    { resolve: () => vm } as unknown as VmTable,
    { network, clock: hostClock } as unknown as Rooms,
    (choice) => choice(),
  );
  const checked = await verbs.check('web', { signal: new AbortController().signal });
  assert.deepEqual(
    checked.map((one) => one.network),
    ['bridge', 'lab'],
  );
});
