// Cycles of run, stop and rm -f with `kill -9` of daemon, supervisor and VMM in between, then a look at what is left: nothing
// may be, and a daemon that lived through the second half may not have grown.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../integration/supervisor/world.ts';
import type { Facts } from './orders.ts';
import { type Remote, startRemote } from './remote.ts';

export interface SoakResult {
  readonly cycles: number;
  readonly kills: Readonly<Record<'daemon' | 'supervisor' | 'vmm', number>>;
  /** Of the last daemon, after its first fifty cycles and at the end. */
  readonly facts: { readonly first: Facts; readonly last: Facts };
  /** Processes and files that are there after everything was removed. */
  readonly left: readonly string[];
}

/** How long what has ended may take to be gone. */
const SETTLES_MS = 60_000;
const AT_ONCE = 3;
const STEADY_CYCLES = 50;
const NAMES = Array.from({ length: 8 }, (_, index) => `soak-${index}`);

/** Soaks for so long. In the second half the daemon is not killed, so that its memory can be compared. */
export async function soak(milliseconds: number): Promise<SoakResult> {
  const root = await mkdtemp(join(tmpdir(), 'ignite-soak-'));
  const kills = { daemon: 0, supervisor: 0, vmm: 0 };
  let remote = startRemote(root);
  const begun = performance.now();
  const passed = () => performance.now() - begun;
  let cycles = 0;

  const some = async (isOver: () => boolean, mayKillDaemon: boolean) => {
    while (!isOver()) {
      if (mayKillDaemon && Math.random() < 0.05) {
        await remote.kill();
        kills.daemon += 1;
        remote = startRemote(root);
      }
      await Promise.all(Array.from({ length: AT_ONCE }, () => act(remote, kills)));
      cycles += AT_ONCE;
    }
  };

  // On a slow host half of the time may pass without a kill.
  await some(() => passed() > milliseconds / 2 && kills.supervisor + kills.vmm > 0, true);
  const quiet = async () => {
    await removeAll(remote);
    return (await remote.ask('facts')) as unknown as Facts;
  };
  const until = cycles + STEADY_CYCLES;
  await some(() => cycles >= until, false);
  const first = await quiet();
  await some(() => passed() > milliseconds, false);
  const last = await eventually(
    quiet,
    ({ descriptors }) => descriptors <= first.descriptors,
    SETTLES_MS,
  ).catch(quiet); // what was ended a moment ago may be open still
  await remote.end();
  const left = await eventually(
    () => leftAt(root),
    (found) => found.length === 0,
    SETTLES_MS,
  ).catch(() => leftAt(root));
  await rm(root, { recursive: true, force: true });
  return { cycles, kills, facts: { first, last }, left };
}

async function act(remote: Remote, kills: { supervisor: number; vmm: number }): Promise<void> {
  const name = NAMES[Math.floor(Math.random() * NAMES.length)] ?? '';
  const dice = Math.random();
  if (dice < 0.45) await remote.ask('run', name);
  else if (dice < 0.6) await remote.ask('stop', name);
  else if (dice < 0.85) await remote.ask('rm', name);
  else {
    const pids = await remote.ask('pids', name);
    const victim = dice < 0.92 ? 'supervisor' : 'vmm';
    if (kill(Number(pids?.[victim] ?? 0))) kills[victim] += 1;
  }
}

/** Only what is still there; 0 would be our own group. */
function kill(pid: number): boolean {
  if (!(pid > 1)) return false;
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

async function removeAll(remote: Remote): Promise<void> {
  const list = await remote.ask('list');
  const names = Array.isArray(list?.['names']) ? list['names'].map(String) : [];
  await Promise.all(names.map((name) => remote.ask('rm', name)));
}

async function leftAt(root: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const running = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return line.includes(root) ? [`process ${pid}: ${line.replaceAll('\0', ' ')}`] : [];
    }),
  );
  const folders = ['state/vms', 'state/trash', 'run'];
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder)).catch(() => [])).map((name) => `${folder}/${name}`),
    ),
  );
  return [...running.flat(), ...files.flat()];
}
