import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostMemory } from '../../host/index.ts';
import { checkMemoryFits, memoryFault } from './host-memory.ts';

const GIB = 2 ** 30;

test('more than memory and swap of the whole host is refused, and both are named', async () => {
  const host = { memory: 2 * GIB, swap: GIB };
  assert.equal(memoryFault(3 * GIB, 'web', host), undefined);
  assert.equal(
    memoryFault(4 * GIB, 'web', host),
    'The VM web of 4.0 GB of memory can never run here: the host has 2.0 GB and 1024.0 MB of swap',
  );
  assert.match(memoryFault(4 * GIB, undefined, { ...host, swap: 0 }) ?? '', /^A VM .* has 2.0 GB$/);
  assert.equal(memoryFault(4 * GIB, 'web', undefined), undefined);
  await checkMemoryFits(64 << 20, 'web');
  await assert.rejects(checkMemoryFits(2 ** 52, 'web'), { code: 'vm/more-than-host' });
});

test('a host that does not tell is no obstacle', async () => {
  assert.equal(await hostMemory('/nonexistent'), undefined);
  assert.ok(((await hostMemory())?.memory ?? 0) > 0);
});
