import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import type { Network } from '../../network/index.ts';
import { liveVm } from '../live-vm.ts';
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
    rebuild: async (nics) => void made.push(...nics().map(({ vmName }) => vmName)),
    look: async () => [],
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

test('a VM whose place another has says so for as long as it is so, and it is told once', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const record = vmRecord('web');
  const nic = { mode: 'user', network: 'user', mac: '02:00:00:00:00:01', dns: [], mtu: 1500, ports: [] };
  const vm = liveVm({ ...record, bound: { ...record.bound, nics: [nic as never] } }, 'boot');
  vm.holdsNics = true;
  const answers = [[record.metadata.uid], [record.metadata.uid], []];
  const network = { rebuild: async () => {}, look: async () => answers.shift() ?? [] };
  const told: string[] = [];
  const ending = new AbortController();
  await careForNetwork({
    network: network as unknown as Network,
    vms: () => [vm],
    complain: (text) => told.push(text),
    signal: ending.signal,
  });
  const seen: boolean[] = [];
  for (let look = 0; look < 3; look += 1) {
    t.mock.timers.tick(10_000);
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(vm.placeLost);
  }
  ending.abort();
  assert.deepEqual(seen, [true, true, false]);
  assert.deepEqual(told, ['web is not reached']);
});

test('rules that could not be put in when the daemon began are tried again', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const record = vmRecord('web');
  const nic = { mode: 'user', network: 'user', mac: '02:00:00:00:00:01', dns: [], mtu: 1500, ports: [] };
  const vm = liveVm({ ...record, bound: { ...record.bound, nics: [nic as never] } }, 'boot');
  vm.holdsNics = true;
  const answers = ['busy', 'busy', 'done'];
  const seen: string[] = [];
  const network = {
    rebuild: async () => {
      const answer = answers.shift() ?? 'once more';
      seen.push(answer);
      if (answer === 'busy') throw new Error('nft is locked');
    },
    look: async () => {
      seen.push('look');
      return [];
    },
  };
  const ending = new AbortController();
  await careForNetwork({
    network: network as unknown as Network,
    vms: () => [vm],
    complain: () => {},
    signal: ending.signal,
  });
  for (let look = 0; look < 3; look += 1) {
    t.mock.timers.tick(10_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  ending.abort();
  assert.deepEqual(seen, ['busy', 'busy', 'done', 'look', 'look']);
});

test('a VM that runs keeps the policy it was started with, whatever an update says of its next start', async () => {
  const nic = { mode: 'user', network: 'user', mac: '02:00:00:00:00:01', dns: [], mtu: 1500, ports: [] };
  const vms = (['public', undefined] as const).map((preset) => {
    const record = vmRecord(preset ?? 'open');
    const network = { ...record.spec.network, policy: { preset: 'none' } } as const; // updated since
    const spec = { ...record.spec, network };
    const vm = liveVm({ ...record, spec, bound: { ...record.bound, nics: [nic as never] } }, 'boot');
    return Object.assign(vm, {
      holdsNics: true,
      attached: preset === undefined ? {} : { policy: { preset } },
    });
  });
  const made: unknown[] = [];
  const network = {
    rebuild: async (nics) => void made.push(...nics().map(({ policy }) => policy)),
    look: async () => [],
  } satisfies Partial<Network>;
  const ending = new AbortController();
  await careForNetwork({
    network: network as unknown as Network,
    vms: () => vms,
    complain: (text) => assert.fail(text),
    signal: ending.signal,
  });
  ending.abort();
  assert.deepEqual(made, [{ preset: 'public' }, undefined]);
});
