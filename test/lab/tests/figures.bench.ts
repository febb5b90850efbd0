// `make test-vmm … TESTS=figures`: Firecracker started by hand beside `ignite run`, as a table. It judges nothing.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { firecrackerFigures } from '../../contract/firecracker-figures.ts';
import { ignite } from './ignite.ts';

const PROGRAM = '/usr/local/bin/firecracker';
const ROUNDS = 3;

test('Firecracker by hand and by ignite run', { skip: !existsSync(PROGRAM) }, async () => {
  const { instance } = JSON.parse(await readFile('/var/lib/ignite/format.json', 'utf8'));
  const host = {
    flags: ['--vmm', 'firecracker', '--accel', 'kvm', '--timeout', '600', '--memory', '256M'],
    image: 'lab:1',
    process: 'firecracker',
    group: async () => `ignite-${instance}`,
    ignite,
  };
  const { bare, ours, init, ...memory } = await firecrackerFigures(host, PROGRAM, ROUNDS);
  const shown = (values: readonly number[]) => values.map((value) => Math.round(value)).join(', ');
  console.log(`bare, until the command's first word (ms): ${shown(bare)}`);
  console.log(`bare, until ignite-init calls (ms): ${shown(init)}`);
  console.log(`ignite run, until the command's first word (ms): ${shown(ours)}`);
  console.log(`ratio of the least: ${(Math.min(...ours) / Math.min(...bare)).toFixed(2)}`);
  console.log(`private memory (KiB): ${JSON.stringify(memory)}`);
});
