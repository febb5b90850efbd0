import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BridgeNic, PresentNic } from '../port.ts';
import { createPresence } from './presence.ts';
import { bridgeNic } from '../testing.ts';

const present = (address: string): PresentNic<BridgeNic> => ({
  nic: bridgeNic(address),
  slot: 1,
  vmUid: 'u',
});
const addresses = (nics: readonly PresentNic<BridgeNic>[]) => nics.map(({ nic }) => nic.address);
const [one, two] = [present('10.62.0.2'), present('10.62.0.3')];

test('a NIC that comes while tables are made anew waits for them, as they do not know it', async () => {
  const presence = createPresence();
  const made = Promise.withResolvers<void>();
  const log: string[] = [];
  const replaced = presence.replace(
    () => [one],
    async (nics) => {
      log.push(`begins ${addresses(nics).join(' ')}`);
      await made.promise;
      log.push('ends');
    },
  );
  const came = presence.comes(two.nic).then(() => log.push('comes'));
  made.resolve();
  await Promise.all([replaced, came]);
  assert.deepEqual(log, ['begins 10.62.0.2', 'ends', 'comes']);
});

test('a NIC that goes is in no table that is made anew from then on, until it comes again', async () => {
  const presence = createPresence();
  const all = () => [one, two];
  await presence.goes(one.nic);
  assert.deepEqual(await presence.replace(all, async (nics) => addresses(nics)), ['10.62.0.3']);
  await presence.comes(one.nic);
  assert.deepEqual(await presence.replace(all, async (nics) => addresses(nics)), ['10.62.0.2', '10.62.0.3']);
});

test('tables that could not be made keep nobody from coming', async () => {
  const presence = createPresence();
  const failed = presence.replace(
    () => [],
    async () => Promise.reject(new Error('no nft')),
  );
  await Promise.all([assert.rejects(failed, /no nft/), presence.comes(one.nic), presence.goes(two.nic)]);
});
