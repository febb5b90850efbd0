// `make test-vmm … TESTS=figures`: Firecracker started by hand beside `ignite run`, as a table. It judges nothing.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { firecrackerFigures, type Launch } from '../../contract/firecracker-figures.ts';
import { ignite } from './ignite.ts';

const PROGRAM = '/usr/local/bin/firecracker';
const ROUNDS = 3;
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
  const { bare, ours, node, ...memory } = await firecrackerFigures(host, PROGRAM, ROUNDS);
  const show = (what: string, values: readonly number[]) =>
    console.log(`${what} (ms): ${values.map((value) => Math.round(value)).join(', ')}`);
  for (const stage of ['vmm', 'init', 'word'] as const) {
    if (stage !== 'vmm')
      show(
        `bare, until ${STAGES[stage]}`,
        bare.map((one) => one[stage]),
      );
    show(
      `ignite run, until ${STAGES[stage]}`,
      ours.map((one) => one[stage]),
    );
  }
  for (const stage of ['init', 'word'] as const)
    console.log(`ratio until ${STAGES[stage]}, of the least: ${least(ours, stage, bare).toFixed(2)}`);
  show('node -e 0', node);
  console.log(`private memory (KiB): ${JSON.stringify(memory)}`);
});

function least(ours: readonly Launch[], stage: keyof Launch, bare: readonly Launch[]): number {
  return Math.min(...ours.map((one) => one[stage])) / Math.min(...bare.map((one) => one[stage]));
}
