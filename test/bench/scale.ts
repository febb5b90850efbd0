// An engine with 1,000 VMs that run: stand-ins that speak the supervisor's protocol, real supervisors, real state. Taken are
// the start of a daemon until it has adopted them all, `ignite ps`, and the daemon's memory.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { createClient } from '@ignite/client';
import { buildPrograms } from '../integration/supervisor/world.ts';
import { runProgram } from '../e2e/world/program.ts';
import { type Bench, IGNITE, NODE } from './place.ts';
import { timed } from './rounds.ts';
import { median, mib, ms, print } from './table.ts';

const VMS = Number(process.env['IGNITE_BENCH_VMS'] ?? '1000');
const STARTS = 5;

interface Ready {
  readonly readyMs: number;
  readonly openedMs: number;
  readonly running: number;
}

/** Prints the table. */
export async function benchScale(_bench: Bench, rounds: number): Promise<void> {
  buildPrograms();
  const root = await mkdtemp(join(tmpdir(), 'ignite-bench-scale-'));
  try {
    const filled = await timed(() => toItsEnd(root, 'fill', String(VMS)));
    const starts: Ready[] = [];
    for (let start = 1; start < STARTS; start += 1)
      starts.push(await withDaemon(root, async ({ ready }) => ready));
    const figures = await withDaemon(root, (daemon) => figuresOf(daemon, root, rounds));
    starts.push(figures.ready);
    print(
      `Scale: ${VMS} VMs that run`,
      ['what', 'median', 'wanted'],
      [
        ['VMs adopted as running', String(Math.min(...starts.map(({ running }) => running))), String(VMS)],
        [
          'start of the daemon’s process until it answers, all adopted',
          ms(median(starts.map((one) => one.readyMs))),
          '≤ 3 s',
        ],
        ['of that, opening the state and adopting', ms(median(starts.map((one) => one.openedMs))), ''],
        ['list of VMs through an API client', ms(median(figures.lists)), ''],
        ['`ignite ps`', ms(median(figures.ps)), '≤ 100 ms'],
        ['resident memory of the daemon after that', mib(figures.resident), '≤ 200 MiB'],
        ['making and starting one, 8 at once', ms(filled / VMS), ''],
      ],
    );
  } finally {
    await toItsEnd(root, 'clear');
    await rm(root, { recursive: true, force: true });
  }
}

interface Daemon {
  readonly ready: Ready;
  /** Sends a line and gives the answer. */
  ask(): Promise<Readonly<Record<string, number>>>;
}

async function figuresOf({ ready, ask }: Daemon, root: string, rounds: number) {
  const socketPath = join(root, 'd.sock');
  const client = createClient({ socketPath });
  const [lists, ps]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    lists.push(await timed(() => client.listVms()));
    ps.push(await timed(() => listed(socketPath)));
  }
  const { resident = Number.NaN } = await ask();
  return { ready, lists, ps, resident };
}

async function listed(socketPath: string): Promise<void> {
  const { code, stdout, stderr } = await runProgram([IGNITE, '--host', socketPath, 'ps'], {
    timeoutMs: 60_000,
  });
  const lines = stdout.trimEnd().split('\n').length;
  if (code !== 0 || lines !== VMS + 1) throw new Error(`ignite ps: exit ${code}, ${lines} lines\n${stderr}`);
}

/** A daemon on the folder while `work` is done; the VMs run on. */
async function withDaemon<T>(root: string, work: (daemon: Daemon) => Promise<T>): Promise<T> {
  const child = launch(root, 'serve');
  if (child.stdin === null || child.stdout === null) throw new Error('The daemon has no pipes');
  const { stdin } = child;
  const ended = once(child, 'exit');
  const lines: Interface = createInterface({ input: child.stdout });
  const answers = lines[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await answers.next()).value ?? '{}');
  try {
    const ask = () => {
      stdin.write('\n');
      return next();
    };
    return await work({ ready: await next(), ask });
  } finally {
    stdin.end();
    await ended;
  }
}

async function toItsEnd(root: string, ...words: readonly string[]): Promise<void> {
  const child = launch(root, ...words);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The daemon (${words.join(' ')}) ended with ${code}`);
}

function launch(root: string, ...words: readonly string[]): ChildProcess {
  const argv = [
    '--expose-gc',
    '--max-semi-space-size=2',
    join(import.meta.dirname, 'scale-daemon.ts'),
    root,
    ...words,
  ];
  return spawn(NODE, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
}
