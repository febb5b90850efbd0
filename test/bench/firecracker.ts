// Firecracker started by hand compared with `ignite run`, on a host with KVM; elsewhere it says so.
import { ignite } from '../e2e/world/ignite.ts';
import { readMark } from '../e2e/world/leftovers.ts';
import { runProgram } from '../e2e/world/program.ts';
import { firecrackerFigures, type Launch } from '../contract/firecracker-figures.ts';
import { type Bench, IMAGE } from './place.ts';
import { median, ms, print } from './table.ts';

const FLAGS = ['--vmm', 'firecracker', '--memory', '256M'];
const WANTED = '≤ 1.25 × bare';
const UNTIL = { init: 'ignite-init calls its host', word: 'the command’s first word' } as const;

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
  const { bare, withApi, ours } = seen;
  print(
    'Firecracker, from the execution of the program',
    ['what', 'median', 'least', 'wanted'],
    [
      ...(['init', 'word'] as const).flatMap((stage) => [
        row(`bare, until ${UNTIL[stage]}`, times(bare, stage)),
        row(`bare with its API, until ${UNTIL[stage]}`, times(withApi, stage)),
        row(`\`ignite run --rm\`, until ${UNTIL[stage]}`, times(ours, stage), WANTED),
      ]),
      row('`ignite run --rm`, until Firecracker’s process', times(ours, 'vmm')),
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

function times(launches: readonly Launch[], stage: 'vmm' | 'init' | 'word'): readonly number[] {
  return launches.map((one) => one[stage]);
}
