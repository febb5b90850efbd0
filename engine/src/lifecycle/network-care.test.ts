import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmRecord } from '../../../test/fixtures/vm-record.ts';
import type { Network } from '../network/index.ts';
import { liveVm } from './live-vm.ts';
import { careForNetwork } from './network-care.ts';

test('a VM that is attached and waits for its boot is among those whose rules are made again', async () => {
  const [waiting, stopped] = ['waiting', 'stopped'].map((name) => {
    const record = vmRecord(name);
    const nic = { mode: 'user', network: 'user', mac: '02:00:00:00:00:01', dns: [], mtu: 1500, ports: [] };
    return liveVm({ ...record, bound: { ...record.bound, nics: [nic as never] } }, 'boot');
  });
  assert.ok(waiting && stopped);
  waiting.holdsNics = true;
  const made: (string | undefined)[] = [];
  const network = {
    rebuild: async (nics) => void made.push(...nics.map(({ vmName }) => vmName)),
    look: async () => {},
  } satisfies Partial<Network>;
  const ending = new AbortController();

  await careForNetwork({
    network: network as unknown as Network,
    vms: () => [waiting, stopped],
    complain: (text) => assert.fail(text),
    signal: ending.signal,
  });
  ending.abort();

  assert.deepEqual(made, ['waiting']);
});
