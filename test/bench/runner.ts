// The daemon's runner as a process: it starts the daemon's programs, and their costs are counted with it.
import { readFile } from 'node:fs/promises';

/** Its id; undefined while none serves. */
export async function runnerOf(daemon: number): Promise<number | undefined> {
  const children = (await readFile(`/proc/${daemon}/task/${daemon}/children`, 'utf8')).trim().split(' ');
  for (const pid of children) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes('--runner')) return Number(pid);
  }
  return undefined;
}
