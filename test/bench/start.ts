// The start of a VM: `ignite run` beside the bare launch of the same guest, and the stages of a start.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bareLaunch } from './bare.ts';
import type { Bench } from './place.ts';
import { IGNITE, IMAGE } from './place.ts';
import { alternate } from './rounds.ts';
import { measureStages } from './stages.ts';
import { median, ms, print } from './table.ts';
import { takeTemplate } from './template.ts';

const WANTED_MS = 150;

/** Prints both tables. @param rounds launches of each kind */
export async function benchStart(bench: Bench, rounds: number): Promise<void> {
  const template = await takeTemplate(bench);
  const times = await alternate(rounds, {
    bare: () => bareLaunch(template),
    ignite: igniteRun,
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
  await measureStages(bench, rounds, median(times.ignite));
}

/** From the start of the program until its first byte; then it may end. */
async function igniteRun(): Promise<number> {
  const start = performance.now();
  const child = spawn(IGNITE, ['run', '--rm', IMAGE, '--', 'sh', '-c', 'echo started'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exit = once(child, 'exit');
  const first = await Promise.race([once(child.stdout, 'data'), exit.then(() => undefined)]);
  const time = performance.now() - start;
  if (first === undefined) throw new Error('`ignite run` printed nothing');
  await exit;
  return time;
}
