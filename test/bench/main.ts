// `npm run bench [-- SECTION… [--rounds=N]]`: prints figures as Markdown. It measures and judges nothing: targets are printed
// next to the figures, and docs/benchmarks.md keeps those of one run.
import { benchCalls } from './calls.ts';
import { benchCli } from './cli.ts';
import { benchDeclare } from './declare.ts';
import { benchDisks } from './disks.ts';
import { benchExec } from './exec.ts';
import { benchFirecracker } from './firecracker.ts';
import { benchImages } from './images.ts';
import { benchKernels } from './kernels.ts';
import { describeMachine, load } from './machine.ts';
import { benchMemory } from './memory.ts';
import { benchNetwork } from './network.ts';
import { type Bench, NODE, openBench } from './place.ts';
import { benchScale } from './scale.ts';
import { benchShown } from './shown.ts';
import { benchStart } from './start.ts';
import { benchThroughput } from './throughput.ts';

const sections: Readonly<Record<string, (bench: Bench, rounds: number) => Promise<void>>> = {
  start: benchStart,
  calls: benchCalls,
  firecracker: benchFirecracker,
  cli: benchCli,
  exec: benchExec,
  memory: benchMemory,
  throughput: benchThroughput,
  images: benchImages,
  disks: benchDisks,
  kernels: benchKernels,
  network: benchNetwork,
  declare: benchDeclare,
  shown: benchShown,
  scale: benchScale,
};

const DEFAULT_ROUNDS = 15;

await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<void> {
  const rounds = Number(valueOf(words, '--rounds') ?? DEFAULT_ROUNDS);
  const named = words.filter((word) => !word.startsWith('--'));
  const unknown = named.filter((name) => sections[name] === undefined);
  if (unknown.length > 0 || !(rounds > 0)) throw new Error(usage());
  if (process.getuid?.() !== 0) throw new Error('It needs root: VMs get networks and users of their own');
  const chosen = Object.entries(sections).filter(([name]) => named.length === 0 || named.includes(name));

  console.log(await describeMachine(NODE));
  await using bench = await openBench();
  const interrupted = () => {
    bench.close().then(
      () => process.exit(130),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, interrupted);
  for (const [, run] of chosen) await run(bench, rounds);
  console.log(`\nLoad average at the end: ${load()}`);
}

function valueOf(words: readonly string[], flag: string): string | undefined {
  return words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1);
}

function usage(): string {
  return `usage: npm run bench -- [${Object.keys(sections).join('|')}]… [--rounds=N]`;
}
