import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vm, VmStats } from '@ignite/api';
import { measureAll } from './measure.ts';
import { vmFamilies } from './vm-families.ts';

const HOUR_MS = 3_600_000;

function vmOf(uid: string, agent: 'ready' | 'lost' = 'ready'): Vm {
  return {
    metadata: { uid, name: uid },
    spec: { image: { oci: 'a' }, cpus: 1, memory: 1, diskSize: 1 },
    status: { state: 'running', running: true, manager: 'api', restarts: 0, agent },
  } as unknown as Vm; // as much of it as a scrape reads
}

function statsOf(guest: boolean): VmStats {
  return { host: { cpu: 1, memory: 1 }, ...(guest ? { guest: { cpu: 1 } } : {}) } as unknown as VmStats;
}

test('guests that do not answer hide no other, and are marked', async () => {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const silent = Array.from({ length: 100 }, (_, index) => `silent${index}`);
  const stats = async (uid: string) => {
    if (uid === 'good') resolve();
    else await reached; // no answer before the good one was asked
    return statsOf(uid === 'good');
  };
  const list = () => [...silent, 'good'].map((uid) => vmOf(uid));

  const measured = await measureAll({ list, stats }, new AbortController().signal, HOUR_MS);

  const answers = vmFamilies(measured).find(({ name }) => name === 'ignite_vm_agent_up')?.samples ?? [];
  assert.deepEqual(
    answers.filter(({ value }) => value === 1).map(({ labels }) => labels?.['name']),
    ['good'],
  );
  assert.equal(answers.length, 101);
});

test('what does not come in time is left out, and who is known to be silent is asked last', async () => {
  const asked: string[] = [];
  const stats = (uid: string) => {
    asked.push(uid);
    return uid === 'lost' ? new Promise<never>(() => {}) : Promise.resolve(statsOf(true));
  };
  const list = () => [vmOf('lost', 'lost'), vmOf('good')];

  const measured = await measureAll({ list, stats }, new AbortController().signal, 0);

  assert.deepEqual(asked, ['good', 'lost']);
  assert.deepEqual(
    measured.map(({ vm, stats }) => [vm.metadata.name, stats?.guest !== undefined]),
    [
      ['lost', false],
      ['good', true],
    ],
  );
});
