import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseOrdinal } from './ordinal.ts';

const host =
  (links: readonly string[], namespaces: readonly string[] = []) =>
  async (folder: string): Promise<readonly string[]> =>
    folder === '/run/netns' ? namespaces : links;

test("the host's own engine is number 0", async () => {
  assert.equal(await chooseOrdinal(true, { list: host(['lo', 'eth0', 'ignite0']) }), 0);
});

test('another engine draws a number that shows nowhere', async () => {
  const list = host(['lo', 'ign1', 'ign4'], ['ignite-2-01a8d0-ign2', 'cni-7']);
  const first = (from: number) => from;
  const last = (_: number, to: number) => to - 1;

  assert.equal(await chooseOrdinal(false, { list, random: first }), 3);
  assert.equal(await chooseOrdinal(false, { list, random: last }), 255);
});

test("the host's own engine steps aside for one that was there before", async () => {
  assert.equal(await chooseOrdinal(true, { list: host(['ign0']), random: (from) => from }), 1);
});
