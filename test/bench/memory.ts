// Memory of the daemon, of the supervisor and of QEMU while nothing happens, as the kernel counts it.
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runProgram } from '../e2e/world/program.ts';
import { waitFor } from '../e2e/world/wait-for.ts';
import { withManyVms } from './cli.ts';
import { withIdleGuest } from './guest.ts';
import { type Bench, IGNITE } from './place.ts';
import { runnerOf } from './runner.ts';
import { mib, print } from './table.ts';
import { findProcesses } from '../e2e/world/leftovers.ts';

/** Long enough for the collector of a daemon that has been busy. */
const SETTLE_MS = 5_000;

interface Memory {
  readonly resident: number;
  /** Its part of shared pages is counted (proc_pid_smaps(5)). */
  readonly proportional: number;
  readonly private: number;
}

/** Prints a row for each process. */
export async function benchMemory(bench: Bench): Promise<void> {
  const rows: string[][] = [];
  const measure = async (what: string, pid: number, wanted: string) => {
    const { resident, proportional, private: own } = await memoryOf(pid);
    rows.push([what, mib(resident), mib(proportional), mib(own), wanted]);
  };
  await withManyVms(bench, async () => {
    await delay(SETTLE_MS);
    await measure('`ignited` after 50 creates', await daemonOf(bench), '');
    await restart(bench);
    await delay(SETTLE_MS);
    await measure('`ignited` started anew, 50 VMs', await daemonOf(bench), '≤ 120 MiB resident');
  });
  await withIdleGuest(bench, async (_uid, slot) => {
    const { supervisor, vmm } = await processesOf(join(bench.place.run, String(slot)));
    await measure('`ignited` with a running VM', await daemonOf(bench), '≤ 120 MiB resident');
    await measure('`ignite-spawn` of a VM', supervisor, '≤ 1 MiB private');
    const runner = await runnerOf(await daemonOf(bench));
    if (runner !== undefined) await measure('`ignite-spawn --runner`', runner, '≤ 1 MiB private');
    await measure('QEMU of an idle VM of 512 MiB', vmm, '');
  });
  print('Memory when idle', ['process', 'resident', 'proportional', 'private', 'wanted'], rows);
}

async function restart({ place }: Bench): Promise<void> {
  await runProgram([IGNITE, 'system', 'stop']);
  await waitFor('the daemon has ended', async () => (await findProcesses(place.root)).length === 0);
  await runProgram([IGNITE, 'ps']);
}

async function daemonOf({ place }: Bench): Promise<number> {
  const found = (await findProcesses(place.root)).find(({ line }) => line.includes('ignited'));
  if (found === undefined) throw new Error('The daemon does not run');
  return found.pid;
}

async function processesOf(run: string): Promise<{ supervisor: number; vmm: number }> {
  const { pid } = JSON.parse(await readFile(join(run, 'spawn.json'), 'utf8')) as { pid: number };
  const socket = connect(join(run, 'spawn.sock'));
  socket.write('status\n');
  const [line] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return { supervisor: pid, vmm: (JSON.parse(line.toString()) as { vmmPid: number }).vmmPid };
}

async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    resident: kib('Rss') * 1024,
    proportional: kib('Pss') * 1024,
    private: (kib('Private_Clean') + kib('Private_Dirty')) * 1024,
  };
}
