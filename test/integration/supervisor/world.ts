// A room to test ignite-spawn in: folders of its own, the stand-in VMM as the VM, and a look at what is left behind.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostCommands, isAlive } from '../../../engine/src/host/index.ts';
import {
  createSupervisor,
  type Launch,
  type Supervisor,
  type SupervisorHandle,
  type SupervisorOptions,
} from '../../../engine/src/supervisor/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** IGNITE_SPAWN names another build of it, for example one with sanitizers. */
export const SPAWN = process.env['IGNITE_SPAWN'] ?? join(ROOT, 'build/native/ignite-spawn');
export const STAND_IN = join(ROOT, 'build/test/stand-in-vmm');
export const CHANNELS = ['console=3', 'facts=4', 'link=5', 'vmm=6'] as const;

export interface World extends AsyncDisposable {
  readonly root: string;
  readonly run: string;
  readonly vm: string;
  readonly logs: string;
  readonly token: string;
  readonly supervisor: Supervisor;
  /** A launch of the stand-in with these steps. */
  launch(steps: readonly string[], change?: Partial<Launch>): Launch;
  start(steps: readonly string[], change?: Partial<Launch>): Promise<SupervisorHandle>;
  /** Processes whose command line or environment names the world's folder: supervisors, VMMs, their helpers. */
  processes(): Promise<number[]>;
  files(): Promise<string[]>;
}

/** Long, as what is waited for ends it at once: a busy host may stand still for a while. */
const DEADLINE_MS = 120_000;

/** A deadline for what a test waits for. */
export function soon(ms = DEADLINE_MS): AbortSignal {
  return AbortSignal.timeout(ms);
}

/** Builds ignite-spawn and the stand-in where they are missing; of test files that begin at once, one after the other. */
export function buildPrograms(): void {
  for (const folder of ['native/spawn', 'test/stand-in']) makeInTurn(folder);
}

/** Runs make in a folder of the repository while nobody else of the tests does. */
export function makeInTurn(folder: string, ...targets: readonly string[]): void {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  execFileSync('flock', [join(ROOT, 'build/.make.lock'), 'make', '-s', '-C', join(ROOT, folder), ...targets]);
}

/** Ends a process at once; one that has ended meanwhile is as good. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Builds what is missing and makes the folders. */
export async function makeWorld(containers?: SupervisorOptions['containers']): Promise<World> {
  buildPrograms();
  const root = await mkdtemp(join(tmpdir(), 'ignite-spawn-'));
  const [run, vm, logs] = [join(root, 'run'), join(root, 'vm'), join(root, 'log')];
  for (const folder of [run, vm, logs]) await mkdir(folder);
  const token = randomBytes(16).toString('hex');
  const supervisor = createSupervisor({
    spawnPath: SPAWN,
    commands: hostCommands(),
    ...(containers === undefined ? {} : { containers }),
  });
  const started: SupervisorHandle[] = [];
  const launch = (steps: readonly string[], change: Partial<Launch> = {}): Launch => ({
    slot: 7,
    vmUid: `vm-${token}`,
    runDirectory: run,
    vmDirectory: vm,
    logDirectory: logs,
    argv: [STAND_IN, ...CHANNELS, ...steps],
    env: { WORLD: root },
    cgroups: [],
    descriptors: [
      { fd: 3, kind: 'console' },
      { fd: 4, kind: 'facts' },
      { fd: 5, kind: 'link' },
      { fd: 6, kind: 'vmm' },
    ],
    bootToken: token,
    waitForReader: false,
    log: { maxBytes: 1 << 20, files: 3 },
    ...change,
  });
  return {
    root,
    run,
    vm,
    logs,
    token,
    supervisor,
    launch,
    start: async (steps, change) => {
      const handle = await supervisor.start(launch(steps, change), soon());
      started.push(handle);
      return handle;
    },
    processes: () => processesOf(root),
    files: async () => (await readdir(root, { recursive: true })).sort(),
    [Symbol.asyncDispose]: async () => {
      for (const handle of started) {
        if (isAlive(handle.process)) await handle.kill(soon()).catch(() => killNow(handle.process.pid));
        handle.close();
      }
      for (const pid of await processesOf(root)) killNow(pid); // of a test that failed
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function processesOf(root: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: number[] = [];
  for (const pid of pids) {
    if (pid === process.pid) continue;
    const texts = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      readlink(`/proc/${pid}/cwd`).catch(() => ''),
    ]);
    if (texts.some((text) => text.includes(root))) found.push(pid);
  }
  return found;
}

/** Waits for a fact, looking again every few milliseconds; fails with the last look. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  holds: (value: T) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (performance.now() > deadline) throw new Error(`Still not so: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Byte i of the stand-in's pattern is i ^ i>>8 ^ i>>16. */
export function pattern(start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, at = start; i < length; i++, at++) bytes[i] = at ^ (at >>> 8) ^ (at >>> 16);
  return bytes;
}

/** Private_Clean + Private_Dirty of a process, bytes (proc(5), smaps_rollup). */
export async function privateMemory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = [...text.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)].map((match) => Number(match[1]));
  return kib.reduce((sum, one) => sum + one, 0) * 1024;
}

/** CPU time of a process so far, in clock ticks (fields 14 and 15 of /proc/PID/stat). */
export async function cpuTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Waits until a process has done nothing for a while; one that spins never does nothing. */
export async function untilIdle(pid: number): Promise<void> {
  const ticksOfAWhile = async () => {
    const before = await cpuTicks(pid);
    await new Promise((resolve) => setTimeout(resolve, 400));
    return (await cpuTicks(pid)) - before;
  };
  await eventually(ticksOfAWhile, (ticks) => ticks <= 1);
}

/** Resolves at the first status for which `holds`. */
export async function statusWhere(
  handle: SupervisorHandle,
  holds: (status: ReturnType<SupervisorHandle['status']>) => boolean,
): Promise<ReturnType<SupervisorHandle['status']>> {
  return eventually(() => handle.status(), holds);
}
