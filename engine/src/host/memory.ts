// How much memory the host has in all, free or not.
import { readIfThere } from './files.ts';

/** Bytes. */
export interface HostMemory {
  readonly memory: number;
  readonly swap: number;
}

/** Reads it from /proc/meminfo (proc_meminfo(5)); undefined where that does not say it. */
export async function hostMemory(path = '/proc/meminfo'): Promise<HostMemory | undefined> {
  const text = (await readIfThere(path)) ?? '';
  const memory = field(text, 'MemTotal');
  return memory === undefined ? undefined : { memory, swap: field(text, 'SwapTotal') ?? 0 };
}

function field(text: string, name: string): number | undefined {
  const [, kib] = new RegExp(`^${name}:\\s+(\\d{1,12}) kB$`, 'm').exec(text) ?? [];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
