// What processes and control groups use, read from /proc and cgroup files (proc(5), cgroups(7); kernel
// Documentation/admin-guide/cgroup-v1/{cpuacct,memory}.rst and cgroup-v2.rst).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Use {
  /** Processor time in microseconds. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly processes: number;
}

/** USER_HZ: fixed by the kernel's interface on the architectures we run on (time(7)). */
const TICKS_PER_SECOND = 100;
const MICROSECONDS = 1_000_000;

/** The sum over processes; those that are gone count nothing. */
export async function processUse(pids: readonly number[]): Promise<Use> {
  const each = await Promise.all([...new Set(pids)].map(oneProcess));
  const there = each.filter((use) => use !== undefined);
  const sum = (key: keyof Use) => there.reduce((all, use) => all + use[key], 0);
  return { cpu: sum('cpu'), memory: sum('memory'), processes: sum('processes') };
}

/**
 * What a group uses by its files in all hierarchies. Page cache that can be dropped at once is left out, as in Docker.
 * @param folders the group's folder in each hierarchy
 * @returns undefined where the files are missing, or the group is empty
 */
export async function groupUse(folders: readonly string[]): Promise<Use | undefined> {
  const [cpu, memory, cache, processes] = await Promise.all([
    first(folders, [
      ['cpuacct.usage', (text) => Number(text) / 1000],
      ['cpu.stat', (text) => field(text, 'usage_usec')],
    ]),
    first(folders, [
      ['memory.usage_in_bytes', Number],
      ['memory.current', Number],
    ]),
    first(folders, [
      ['memory.stat', (text) => field(text, 'total_inactive_file') ?? field(text, 'inactive_file')],
    ]),
    first(folders, [
      ['pids.current', Number],
      ['cgroup.procs', (text) => text.split('\n').filter((line) => line !== '').length],
    ]),
  ]);
  if (cpu === undefined || memory === undefined || !processes) return undefined;
  return { cpu: Math.round(cpu), memory: Math.max(0, memory - (cache ?? 0)), processes };
}

/** Bytes over interfaces of the network namespace a process is in; undefined where it has none of them. */
export async function networkUse(
  pid: number,
  interfaces: readonly string[],
): Promise<{ readonly received: number; readonly sent: number } | undefined> {
  const text = (await readText(`/proc/${pid}/net/dev`)) ?? '';
  const rows = text.split('\n').flatMap((line) => {
    const [name = '', counters] = line.trim().split(/:\s*/);
    return counters !== undefined && interfaces.includes(name) ? [counters.split(/\s+/).map(Number)] : [];
  });
  if (rows.length === 0) return undefined;
  const sum = (column: number) => rows.reduce((all, row) => all + (row[column] ?? 0), 0);
  return { received: sum(0), sent: sum(8) };
}

async function oneProcess(pid: number): Promise<Use | undefined> {
  const [stat, status] = await Promise.all([readText(`/proc/${pid}/stat`), readText(`/proc/${pid}/status`)]);
  if (stat === undefined || status === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const resident = Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  return { cpu: (ticks / TICKS_PER_SECOND) * MICROSECONDS, memory: resident, processes: 1 };
}

/** The number in the first file that has one. */
async function first(
  folders: readonly string[],
  files: readonly (readonly [name: string, read: (text: string) => number | undefined])[],
): Promise<number | undefined> {
  for (const [name, read] of files)
    for (const folder of folders) {
      const text = await readText(join(folder, name));
      const value = text === undefined ? undefined : read(text);
      if (value !== undefined && Number.isFinite(value)) return value;
    }
  return undefined;
}

function field(text: string, name: string): number | undefined {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined; // it has ended, or this kernel has no such file
  }
}
