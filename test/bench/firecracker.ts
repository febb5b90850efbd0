// Firecracker started by hand beside `ignite run`, on a host with KVM; elsewhere it says so.
import { ignite } from '../e2e/world/ignite.ts';
import { readMark } from '../e2e/world/leftovers.ts';
import { runProgram } from '../e2e/world/program.ts';
import { firecrackerFigures } from '../contract/firecracker-figures.ts';
import { type Bench, IMAGE } from './place.ts';
import { median, ms, print } from './table.ts';

const FLAGS = ['--vmm', 'firecracker', '--memory', '256M'];
const WANTED = '≤ 1.25 × bare';

/** Prints the launches and the memory. */
export async function benchFirecracker({ place }: Bench, rounds: number): Promise<void> {
  const trial = await ignite(['run', '--rm', ...FLAGS, IMAGE, 'true']);
  if (trial.code !== 0) {
    console.log(`\nFirecracker does not run here: ${trial.stderr.split('\n')[0]}`);
    return;
  }
  const program = (await runProgram(['sh', '-c', 'command -v firecracker'])).stdout.trim();
  const instance = (await readMark(place))?.instance;
  const host = {
    flags: FLAGS,
    image: IMAGE,
    process: 'firecracker',
    group: async () => `ignite-${instance}`,
    ignite: (argv: readonly string[], printed?: (stdout: string) => void) =>
      ignite(argv, printed === undefined ? {} : { printed }),
  };
  const seen = await firecrackerFigures(host, program, rounds);
  const row = (what: string, values: readonly number[], wanted = '') => [
    what,
    ms(median(values)),
    ms(Math.min(...values)),
    wanted,
  ];
  const { bare, ours } = seen;
  print(
    'Firecracker, from the execution of the program',
    ['what', 'median', 'least', 'wanted'],
    [
      row(
        'bare, from a configuration file: until ignite-init calls its host',
        bare.map(({ init }) => init),
      ),
      row(
        '`ignite run --rm`: until Firecracker’s process',
        ours.map(({ vmm }) => vmm),
      ),
      row(
        '`ignite run --rm`: until ignite-init calls',
        ours.map(({ init }) => init),
        WANTED,
      ),
      row(
        'bare: until the command’s first word',
        bare.map(({ word }) => word),
      ),
      row(
        '`ignite run --rm`: until that word',
        ours.map(({ word }) => word),
        WANTED,
      ),
      row('`node -e 0`', seen.node),
    ],
  );
  print(
    'Private memory with a guest of 256 MiB',
    ['process', 'KiB'],
    [
      ['Firecracker, bare', String(seen.bareMemory)],
      ['Firecracker, by ignite', String(seen.ourMemory)],
      ['ignite-spawn', String(seen.supervisorMemory)],
    ],
  );
}
