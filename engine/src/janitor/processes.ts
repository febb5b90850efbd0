// Supervisors of ours whose VM is gone: their command line names a launch file of our run directory.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identifyProcess, isAlive } from '../host/index.ts';
import type { Finder, Found } from './broom.ts';

/** @param isUsed whether a slot belongs to a VM, or to one that is being made */
export function strayProcesses(runRoot: string, isUsed: (slot: number) => boolean): Finder {
  return async () => {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const found = await Promise.all(pids.map((pid) => lookAt(pid, runRoot, isUsed)));
    return found.flat();
  };
}

async function lookAt(
  pid: number,
  runRoot: string,
  isUsed: (slot: number) => boolean,
): Promise<readonly Found[]> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  const slot = slotOf(words, runRoot);
  if (slot === undefined || isUsed(slot)) return [];
  const identity = identifyProcess(pid);
  if (identity === undefined) return [];
  const remove = async () => {
    if (!isUsed(slot) && isAlive(identity)) process.kill(pid, 'SIGKILL'); // and with it its VMM (DESIGN D4)
  };
  return [{ kind: 'process', name: String(pid), why: `supervisor of slot ${slot}, which no VM has`, remove }];
}

/** `…/ignite-spawn RUN/17/spawn.launch`, in a container `/ignite-spawn --stay …` */
function slotOf([program = '', ...words]: readonly string[], runRoot: string): number | undefined {
  const [file = ''] = words.filter((word) => word !== '--stay');
  if (!program.endsWith('/ignite-spawn') || !file.startsWith(`${runRoot}/`)) return undefined;
  const slot = /^(\d{1,4})\/spawn\.launch$/.exec(file.slice(join(runRoot, '/').length))?.[1];
  return slot === undefined ? undefined : Number(slot);
}
