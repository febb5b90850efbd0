// `make test-vmm … TESTS=figures`: Firecracker started by hand beside `ignite run`, as a table. It judges nothing.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { firecrackerFigures, type Launch } from '../../contract/firecracker-figures.ts';
import { ignite } from './ignite.ts';

const PROGRAM = '/usr/local/bin/firecracker';
const ROUNDS = 3;
const NAMES = { bare: 'bare', withApi: 'bare with its API', ours: 'ignite run' };
const STAGES = {
  vmm: "Firecracker's process",
  init: 'ignite-init calls',
  word: "the command's first word",
};

test('Firecracker by hand and by ignite run', { skip: !existsSync(PROGRAM) }, async () => {
  const { instance } = JSON.parse(await readFile('/var/lib/ignite/format.json', 'utf8'));
  const host = {
    flags: ['--vmm', 'firecracker', '--accel', 'kvm', '--timeout', '600', '--memory', '256M'],
    image: 'lab:1',
    process: 'firecracker',
    group: async () => `ignite-${instance}`,
    ignite,
  };
  const { node, bareMemory, ourMemory, supervisorMemory, ...launches } = await firecrackerFigures(
    host,
    PROGRAM,
    ROUNDS,
  );
  const show = (what: string, values: readonly number[]) =>
    console.log(`${what} (ms): ${values.map((value) => Math.round(value)).join(', ')}`);
  for (const kind of ['bare', 'withApi', 'ours'] as const) {
    const all = launches[kind];
    for (const stage of ['vmm', 'init', 'word'] as const)
      show(
        `${NAMES[kind]}, until ${STAGES[stage]}`,
        all.map((one) => one[stage]),
      );
    console.log(`${NAMES[kind]}, memory in large pages: ${all.map(({ aligned }) => aligned).join(', ')}`);
  }
  for (const kind of ['bare', 'withApi'] as const)
    for (const stage of ['init', 'word'] as const) {
      const ratio = least(launches.ours, stage) / least(launches[kind], stage);
      console.log(`ratio to ${NAMES[kind]} until ${STAGES[stage]}, of the least: ${ratio.toFixed(2)}`);
    }
  show('node -e 0', node);
  console.log(`private memory (KiB): ${JSON.stringify({ bareMemory, ourMemory, supervisorMemory })}`);
});

function least(launches: readonly Launch[], stage: keyof typeof STAGES): number {
  return Math.min(...launches.map((one) => one[stage]));
}
