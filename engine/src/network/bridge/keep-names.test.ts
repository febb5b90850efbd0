import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkOptions } from './options.ts';
import { keepNames } from './keep-names.ts';
import type { ZoneEntry } from '../dns/index.ts';
import type { BridgeNic } from '../port.ts';

const record = (index: number) => ({
  format: 1,
  name: `n${index}`,
  uid: `u${index}`,
  index,
  created: '2026-01-01T00:00:00Z',
  subnet: `10.${index}.0.0/24`,
  gateway: `10.${index}.0.1`,
  gatewayMac: '02:00:00:00:00:01',
  mtu: 1500,
  opened: { bootId: 'b', interfaces: [] },
});

test('of calls at once the last says on which networks names are answered', async () => {
  let live: readonly number[] = [1, 2];
  const loads = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const reads = loads.values();
  const kept: string[] = [];
  let inside = 0;
  const options = {
    store: {
      all: async () => {
        await reads.next().value?.promise;
        return [record(1), record(2)];
      },
    },
    nameService: {
      keep: async (networks: readonly { readonly name: string }[]) => {
        assert.equal((inside += 1), 1, 'one after the other');
        await Promise.resolve();
        kept.push(networks.map(({ name }) => name).join(' '));
        inside -= 1;
      },
      setEntries: () => {},
    },
  };
  const names = keepNames(options as unknown as NetworkOptions, () => live);

  const first = names.listen();
  live = [1];
  const second = names.listen();
  loads[1]?.resolve();
  await Promise.resolve();
  loads[0]?.resolve();
  await Promise.all([first, second]);

  assert.equal(kept.at(-1), 'n1');
});

test('a VM that is renamed is found by its new name at once, one that is not there is not', () => {
  let entries: readonly ZoneEntry[] = [];
  const nameService = {
    keep: async () => {},
    setEntries: (next: readonly ZoneEntry[]) => {
      entries = next;
    },
  };
  const names = keepNames({ nameService } as unknown as NetworkOptions, () => []);
  const nic = (address: string) => ({ address, network: 'bridge' }) as BridgeNic;

  names.add(nic('10.61.0.2'), { vmName: 'old' });
  names.rename(nic('10.61.0.2'), 'new');
  names.rename(nic('10.61.0.3'), 'stopped');

  assert.deepEqual(entries, [{ vmName: 'new', network: 'bridge', address: '10.61.0.2' }]);
});
