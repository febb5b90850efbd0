// Bytes from the guest to a reader: through `exec`, and as the output of a foreground `run`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { withIdleGuest } from './guest.ts';
import { type Bench, IGNITE, IMAGE } from './place.ts';
import { print } from './table.ts';

const MIB = 128;
const WORDS = ['sh', '-c', `head -c ${MIB << 20} /dev/zero`] as const;

/** Prints both rates, counted from the first byte to the last. */
export async function benchThroughput(bench: Bench): Promise<void> {
  const rows: string[][] = [];
  await withIdleGuest(bench, async (uid) => {
    rows.push(['`ignite exec`', rate(await read(['exec', uid, '--', ...WORDS]))]);
  });
  rows.push(['foreground `ignite run`', rate(await read(['run', '--rm', IMAGE, '--', ...WORDS]))]);
  print(`${MIB} MiB of zeros to a reader`, ['through', 'rate'], rows);
}

async function read(argv: readonly string[]): Promise<{ bytes: number; ms: number }> {
  const child = spawn(IGNITE, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
  const exit = once(child, 'exit');
  let bytes = 0;
  let first: number | undefined;
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    first ??= performance.now();
    bytes += piece.length;
  }
  const ms = performance.now() - (first ?? performance.now());
  await exit;
  if (bytes !== MIB << 20) throw new Error(`ignite ${argv.join(' ')}: ${bytes} bytes`);
  return { bytes, ms };
}

function rate({ bytes, ms }: { bytes: number; ms: number }): string {
  return `${(bytes / (1 << 20) / (ms / 1000)).toFixed(1)} MiB/s`;
}
