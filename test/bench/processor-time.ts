// Processor time of processes, which the load of others changes little.
import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks a second of /proc/PID/stat: fixed in the kernel's interface (proc_pid_stat(5)). */
const TICK_MS = 10;

/** Milliseconds that the threads of a process, as many as there are now, have run. */
export async function ownTime(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
      return Number(text.split(' ')[0]) / 1e6;
    }),
  );
  return times.reduce((sum, time) => sum + time, 0);
}

/** Milliseconds, by ticks, that the ended children of a process have run. */
export async function childrenTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS; // cutime and cstime
}
