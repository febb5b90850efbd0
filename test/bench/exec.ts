// `exec true` on an idle guest: through an open client of the API, and through the command line.
import type { Client } from '@ignite/client';
import { OPEN_KIND } from '@ignite/protocol';
import { runProgram } from '../e2e/world/program.ts';
import { withIdleGuest } from './guest.ts';
import { type Bench, IGNITE } from './place.ts';
import { timed } from './rounds.ts';
import { median, ms, print } from './table.ts';

const CLIENT_ROUNDS = 200;
const CLI_ROUNDS = 30;

/** Prints both. */
export async function benchExec(bench: Bench): Promise<void> {
  await withIdleGuest(bench, async (uid) => {
    await execTrue(bench.client, uid); // the first one opens the session with the agent
    const client = await repeat(CLIENT_ROUNDS, () => timed(() => execTrue(bench.client, uid)));
    const cli = await repeat(CLI_ROUNDS, () => timed(() => runProgram([IGNITE, 'exec', uid, 'true'])));
    const row = (what: string, times: readonly number[], wanted: string) => {
      const worst = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;
      return [what, String(times.length), ms(median(times)), ms(Math.min(...times)), ms(worst), wanted];
    };
    print(
      '`exec true` on an idle guest',
      ['through', 'rounds', 'median', 'least', '95th of 100', 'wanted'],
      [row('an API client', client, '≤ 20 ms'), row('`ignite exec`', cli, '≤ 70 ms')],
    );
  });
}

async function execTrue(client: Client, uid: string): Promise<void> {
  const stream = await client.stream(uid, { kind: OPEN_KIND.EXEC, argv: ['/bin/true'] });
  stream.stdin.end();
  stream.stdout.resume();
  stream.stderr.resume();
  const { code } = await stream.exit;
  if (code !== 0) throw new Error(`exec true ended with ${code}`);
}

async function repeat(count: number, measure: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < count; round += 1) times.push(await measure());
  return times;
}
