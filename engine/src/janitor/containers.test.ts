// Which containers of our label nobody needs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerName } from '../supervisor/index.ts';
import { strayContainers } from './containers.ts';

test('a container whose slot no VM has is removed; one that found a VM meanwhile stays', async () => {
  const used = new Set([1]);
  const removed: ContainerName[] = [];
  const of = (slot: number) => ({ runtime: 'docker', name: `ignite-${slot}`, slot }) as const;
  const supervisor = {
    containers: async () => [of(1), of(2), of(3)],
    removeContainer: async (container: ContainerName) => void removed.push(container),
  };
  const signal = AbortSignal.timeout(60_000);
  const found = await strayContainers(supervisor, (slot) => used.has(slot))(signal);
  assert.deepEqual(
    found.map(({ kind, name }) => [kind, name]),
    [
      ['container', 'docker/ignite-2'],
      ['container', 'docker/ignite-3'],
    ],
  );
  used.add(3);
  for (const { remove } of found) await remove?.(signal);
  assert.deepEqual(removed, [{ runtime: 'docker', name: 'ignite-2' }]);
});
