// Kernels: how fast the daemon answers while it imports the distribution's kernel, whose package is unpacked and parsed in
// the worker.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CACHE } from '../e2e/world/place.ts';
import { igniteOk } from '../e2e/world/ignite.ts';
import type { Bench } from './place.ts';
import { timed } from './rounds.ts';
import { median, ms, print } from './table.ts';
import { keepAsking, spread } from './watch.ts';

const MOST_ROUNDS = 5;
const IDLE_MS = 3_000;
const NAME = 'bench-kernel';

/** Prints a table. */
export async function benchKernels({ client }: Bench, rounds: number): Promise<void> {
  const deb = (await readdir(CACHE)).find((name) => name.endsWith('.deb'));
  if (deb === undefined) throw new Error(`No kernel package is in ${CACHE}`);
  const idle = keepAsking(client);
  await delay(IDLE_MS);
  const before = await idle.end();
  const times: number[] = [];
  const answers: number[] = [];
  for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round += 1) {
    const asked = keepAsking(client);
    times.push(await timed(() => igniteOk(['kernel', 'import', '--name', NAME, join(CACHE, deb)])));
    answers.push(...(await asked.end()));
    await igniteOk(['kernel', 'rm', NAME]);
  }
  print(
    `Import of the kernel package ${deb}, ${times.length} rounds`,
    ['what', 'measured', 'wanted'],
    [
      ['`ignite kernel import`', ms(median(times)), ''],
      ['the list of VMs meanwhile, every 50 ms', spread(answers), `as before it: ${spread(before)}`],
    ],
  );
}
