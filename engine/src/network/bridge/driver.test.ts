// The order of what the driver does on the host; the host itself answers nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Commands } from '../../host/index.ts';
import { createNetwork } from './driver.ts';
import type { BridgeNic } from '../port.ts';
import { attaching, bridgeNic } from '../testing.ts';

const signal = new AbortController().signal;
const present = (nic: BridgeNic, slot: number) => ({ nic, slot, vmUid: `u${slot}`, vmName: `vm${slot}` });

/** A host that says yes to everything; a call whose words or input match `holds` waits for `release`. */
function heldHost() {
  const log: string[] = [];
  const held = { pattern: undefined as RegExp | undefined, ...Promise.withResolvers<void>() };
  const reached = Promise.withResolvers<void>();
  const commands: Commands = {
    run: async (argv, { input = '' } = {}) => {
      const text = `${argv.join(' ')} ${String(input)}`;
      if (held.pattern?.test(text)) {
        held.pattern = undefined;
        reached.resolve();
        await held.promise;
      }
      log.push(text);
      return { code: 0, stdout: '', stderr: '' };
    },
  };
  const values = new Map<string, unknown>();
  const network = createNetwork({
    commands,
    clock: { now: () => new Date(0), monotonicMs: () => 0 } as never,
    instance: 'abcdefgh',
    ordinal: 9,
    bootId: 'b',
    store: {
      all: async () => [...values.values()],
      save: async (record) => void values.set(record.uid ?? '', record),
      remove: async (record) => void values.delete(record.uid ?? ''),
    },
    readText: async () => undefined,
  });
  const hold = (pattern: RegExp) => {
    held.pattern = pattern;
  };
  return { network, log, hold, reached: reached.promise, release: held.resolve };
}

/** As many turns as everything takes that waits for nothing. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 50; turns += 1) await turn();
}

const REPLACES = /delete table inet ignite_9_abcdefgh\nadd table/;

test('a VM that attaches while the tables are made anew without it adds itself afterwards', async () => {
  const { network, log, hold, reached, release } = heldHost();
  const [first, second] = [bridgeNic('10.62.0.2'), bridgeNic('10.62.0.3')];
  const running = [present(first, 1)];
  await network.rebuild(() => running, signal);
  hold(REPLACES);
  const looked = network.look(() => running, signal); // the host has lost everything
  await reached;
  running.push(present(second, 2));
  const attached = network.attach(second, attaching(2).context);
  await settle();
  assert.deepEqual(
    log.filter((text) => text.includes('10.62.0.3')),
    [],
  );
  release();
  await Promise.all([looked, attached]);
  const replaced = log.findLastIndex((text) => REPLACES.test(text));
  const added = log.findIndex((text) => text.includes('vms { 10.62.0.3'));
  assert.ok(added > replaced, `${added} after ${replaced}`);
});

test('a VM that is being detached is in no table that is made anew', async () => {
  const { network, log } = heldHost();
  const [first, second] = [bridgeNic('10.62.0.2'), bridgeNic('10.62.0.3')];
  const running = [present(first, 1), present(second, 2)];
  await network.rebuild(() => running, signal);
  await network.detach(second, attaching(2).context).catch(() => {}); // this host shows a NIC however often it is removed
  log.length = 0;
  await network.look(() => running, signal);
  const tables = log.filter((text) => text.includes('add table'));
  assert.ok(tables.some((text) => text.includes('vms { 10.62.0.2')));
  assert.ok(tables.every((text) => !text.includes('10.62.0.3')));
});

test('a look that is under way when everything is removed puts nothing back', async () => {
  const { network, log, hold, reached, release } = heldHost();
  const running = [present(bridgeNic('10.62.0.2'), 1)];
  await network.rebuild(() => running, signal);
  hold(/get element inet ignite_9_abcdefgh whole/);
  const looked = network.look(() => running, signal);
  await reached;
  await network.removeAll(signal);
  log.length = 0;
  release();
  await looked;
  assert.deepEqual(
    log.filter((text) => text.includes('add table')),
    [],
  );
});
