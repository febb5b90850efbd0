// The command line: how long commands take that only read, compared with a Node that does nothing.
import { runProgram } from '../e2e/world/program.ts';
import { type Bench, IGNITE, IMAGE, NODE } from './place.ts';
import { alternate, timed } from './rounds.ts';
import { median, ms, print } from './table.ts';

const VMS = 50;
const LEAST_ROUNDS = 30;
const DISK = '16MB';

/** Prints `ps` with 50 VMs, `--help` and `version`, compared with `node -e 0`. */
export async function benchCli(bench: Bench, rounds: number): Promise<void> {
  await withManyVms(bench, async () => {
    const count = Math.max(rounds, LEAST_ROUNDS);
    const run = (...argv: string[]) => timed(() => runProgram(argv));
    const times = await alternate(count, {
      node: () => run(NODE, '-e', '0'),
      ps: () => run(IGNITE, 'ps', '-a'),
      help: () => run(IGNITE, '--help'),
      version: () => run(IGNITE, 'version'),
    });
    const base = median(times.node);
    const row = (what: string, values: readonly number[], wanted: string) => {
      const middle = median(values);
      return [what, ms(middle), ms(Math.min(...values)), `${(middle / base).toFixed(2)} ×`, wanted];
    };
    print(
      `Command line with ${VMS} VMs, ${count} rounds`,
      ['what', 'median', 'least', 'of `node -e 0`', 'wanted'],
      [
        row('`node -e 0`', times.node, ''),
        row('`ignite ps -a`', times.ps, '≤ 3 ×'),
        row('`ignite --help`', times.help, ''),
        row('`ignite version`', times.version, ''),
      ],
    );
  });
}

/** Defines VMs that do not run, and removes them afterwards. */
export async function withManyVms({ client }: Bench, work: () => Promise<void>): Promise<void> {
  const uids: string[] = [];
  try {
    for (let made = 0; made < VMS; made += 1) {
      const vm = await client.createVm({ spec: { image: { oci: IMAGE }, diskSize: DISK } });
      uids.push(vm.metadata.uid);
    }
    await work();
  } finally {
    for (const uid of uids) await client.removeVm(uid);
  }
}
