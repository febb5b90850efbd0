// The start of a VM: `ignite run` compared with the bare launch of the same guest, and the stages of a start.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bareLaunch } from './bare.ts';
import type { Bench } from './place.ts';
import { IGNITE, IMAGE } from './place.ts';
import { childrenTime, ownTime } from './processor-time.ts';
import { alternate } from './rounds.ts';
import { runnerOf } from './runner.ts';
import { measureStages } from './stages.ts';
import { median, ms, print } from './table.ts';
import { takeTemplate } from './template.ts';

const WANTED_MS = 150;

/** Prints both tables. @param rounds launches of each kind */
export async function benchStart(bench: Bench, rounds: number): Promise<void> {
  const template = await takeTemplate(bench);
  const spent: Spent[] = [];
  const times = await alternate(rounds, {
    bare: () => bareLaunch(template),
    ignite: async () => {
      const run = await igniteRun(bench);
      spent.push(run.spent);
      return run.time;
    },
  });
  const pairs = times.ignite.map((time, round) => time - (times.bare[round] ?? Number.NaN));
  print(
    `Start: until the first byte of the command's output, ${rounds} rounds`,
    ['what', 'median', 'least', 'wanted'],
    [
      ['bare QEMU', ms(median(times.bare)), ms(Math.min(...times.bare)), ''],
      ['`ignite run --rm`', ms(median(times.ignite)), ms(Math.min(...times.ignite)), ''],
      [
        'added: difference of the medians',
        ms(median(times.ignite) - median(times.bare)),
        ms(Math.min(...times.ignite) - Math.min(...times.bare)),
        `≤ ${WANTED_MS} ms`,
      ],
      ['added: median of the rounds', ms(median(pairs)), ms(Math.min(...pairs)), ''],
    ],
  );
  printSpent(spent);
  await measureStages(bench, rounds, median(times.ignite));
}

/** Processor time in ms. */
interface Spent {
  readonly cli: number;
  readonly daemon: number;
  /** ip, nft, ignite-spawn's foreground, and the runner; by ticks of 10 ms, so only their mean means something. */
  readonly programs: number;
}

function printSpent(spent: readonly Spent[]): void {
  const programs = spent.reduce((sum, one) => sum + one.programs, 0) / spent.length;
  const [cli, daemon] = [median(spent.map((one) => one.cli)), median(spent.map((one) => one.daemon))];
  print(
    'Processor time of `ignite run` until that byte, without QEMU and ignite-spawn',
    ['of', 'time'],
    [
      ['`ignite`, median', ms(cli)],
      ['`ignited`, median', ms(daemon)],
      ['programs that `ignited` ran, mean', ms(programs)],
      ['sum', ms(cli + daemon + programs)],
    ],
  );
}

/** From the start of the program until its first byte; then it may end. */
async function igniteRun({ daemon }: Bench): Promise<{ time: number; spent: Spent }> {
  const runner = await runnerOf(daemon);
  const [ownBefore, programsBefore] = [await ownTime(daemon), await programsTime(daemon, runner)];
  const start = performance.now();
  const child = spawn(IGNITE, ['run', '--rm', IMAGE, '--', 'sh', '-c', 'echo started; sleep 1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exit = once(child, 'exit');
  const first = await Promise.race([once(child.stdout, 'data'), exit.then(() => undefined)]);
  const time = performance.now() - start;
  if (first === undefined || child.pid === undefined) throw new Error('`ignite run` printed nothing');
  const spent = {
    cli: await ownTime(child.pid),
    daemon: (await ownTime(daemon)) - ownBefore,
    programs: (await programsTime(daemon, runner)) - programsBefore,
  };
  await exit;
  return { time, spent };
}

/** What the daemon's programs have used, no matter which process started them. */
async function programsTime(daemon: number, runner: number | undefined): Promise<number> {
  const own = runner === undefined ? 0 : (await ownTime(runner)) + (await childrenTime(runner));
  return own + (await childrenTime(daemon));
}
