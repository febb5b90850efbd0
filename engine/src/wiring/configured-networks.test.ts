import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkObject } from '@ignite/api';
import { makeConfiguredNetworks } from './configured-networks.ts';
import type { Vms } from '../lifecycle/index.ts';

function networksOf(...names: readonly string[]) {
  const made: string[] = [];
  const objects = names.map((name) => ({ metadata: { name } }) as NetworkObject);
  const networks = {
    list: async () => objects,
    create: async ({ name }: { name: string }) => {
      if (name === 'bad') throw new Error('no');
      made.push(name);
      return objects[0];
    },
  } as unknown as Vms['networks'];
  return { made, networks };
}

test('missing networks are made, those that are there stay, and a failure is told', async () => {
  const { made, networks } = networksOf('lab');
  const told: string[] = [];
  const complain = (text: string) => void told.push(text);
  await makeConfiguredNetworks({ networks }, {}, complain);
  await makeConfiguredNetworks(
    { networks },
    { networks: [{ name: 'lab' }, { name: 'new', mtu: 1400 }] },
    complain,
  );
  assert.deepEqual([made, told.length], [['new'], 0]);
  await makeConfiguredNetworks({ networks }, { networks: [{ name: 'bad' }] }, complain);
  assert.equal(told.length, 1);
});
