// What one start costs the kernel: system calls and processes, by program, as strace(1) sees them from the moment the CLI
// is executed until it has ended. The VMM's own are counted until its guest ends with it, and stand apart.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runProgram } from '../e2e/world/program.ts';
import { waitFor } from '../e2e/world/wait-for.ts';
import { type Bench, IGNITE, IMAGE } from './place.ts';
import { runnerOf } from './runner.ts';
import { print } from './table.ts';

interface Counted {
  processes: number;
  calls: number;
}

/** Prints a row for each program; without strace one line. */
export async function benchCalls(bench: Bench): Promise<void> {
  if ((await runProgram(['sh', '-c', 'command -v strace'])).code !== 0) {
    console.log('\nSystem calls of a start: strace is not installed.');
    return;
  }
  await runProgram([IGNITE, 'run', '--rm', IMAGE, 'true']); // what only the first start does
  const daemon = join(bench.place.scratch, 'daemon.strace');
  const command = join(bench.place.scratch, 'command.strace');
  const runner = await runnerOf(bench.daemon);
  const pids = [bench.daemon, ...(runner === undefined ? [] : [runner])].map(String);
  const traced = pids.flatMap((pid) => ['-p', pid]);
  const child = spawn('strace', ['-f', '-qq', '-o', daemon, ...traced], { stdio: 'ignore' });
  await waitFor('strace has the daemon and its runner', async () => {
    const states = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/status`, 'utf8')));
    return states.every((state) => /^TracerPid:\s+[1-9]/m.test(state));
  });
  await runProgram(['strace', '-f', '-qq', '-o', command, IGNITE, 'run', '--rm', IMAGE, 'true']);
  child.kill('SIGINT'); // it detaches from the daemon
  await once(child, 'exit');
  const counted = new Map<string, Counted>();
  count(await readFile(command, 'utf8'), 'ignite', counted);
  const runners = runner === undefined ? {} : { [String(runner)]: 'ignite-spawn --runner' };
  count(await readFile(daemon, 'utf8'), 'ignited', counted, runners);
  const rows = [...counted]
    .toSorted(([, one], [, other]) => other.calls - one.calls)
    .map(([name, { processes, calls }]) => [name, String(processes), String(calls)]);
  print('One `ignite run --rm`', ['program', 'processes executed', 'system calls'], rows);
}

/**
 * Adds what a trace of strace -f holds. A process is what executed last; before that what its parent was.
 * @param known names of processes that were there before, other than `first`
 */
export function count(
  trace: string,
  first: string,
  counted: Map<string, Counted>,
  known: Readonly<Record<string, string>> = {},
): void {
  const programs = new Map<string, string>(Object.entries(known));
  const add = (name: string, processes: number, calls: number) => {
    const before = counted.get(name) ?? { processes: 0, calls: 0 };
    counted.set(name, { processes: before.processes + processes, calls: before.calls + calls });
  };
  for (const line of trace.split('\n')) {
    const [, pid = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === '' || /^(\+\+\+|---|<\.\.\.)/.test(rest)) {
      const made = /^<\.\.\. (?:clone3?|v?fork) resumed>.*= (\d+)$/.exec(rest)?.[1];
      if (made !== undefined && !programs.has(made)) programs.set(made, programs.get(pid) ?? first);
      continue;
    }
    const executed = /^execve\("([^"]+)".*(?:= 0|<unfinished \.\.\.>)$/.exec(rest)?.[1];
    if (executed !== undefined) {
      programs.set(pid, basename(executed));
      add(basename(executed), 1, 0);
    }
    const made = /^(?:clone3?|v?fork)\(.*= (\d+)$/.exec(rest)?.[1];
    if (made !== undefined && !programs.has(made)) programs.set(made, programs.get(pid) ?? first);
    add(programs.get(pid) ?? first, 0, 1);
  }
}
