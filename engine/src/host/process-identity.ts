// A process is (pid, start time, boot id): pids are reused, and nothing survives a reboot (DESIGN D2).
import { readFileSync } from 'node:fs';
import { hasErrno } from './files.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot (proc(5)). */
  readonly startTime: number;
  /** /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
}

/** The boot id of the running host: changes at every boot, random(4). */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** The identity of a live process; undefined where there is none, or only a zombie. */
export function identifyProcess(pid: number, bootId: string = readBootId()): ProcessIdentity | undefined {
  const stat = readStat(pid);
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined;
  return { pid, startTime: stat.startTime, bootId };
}

/** Whether the very process that was written down still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid);
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

function readStat(pid: number): { state: string; startTime: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error; // without a free descriptor a process must not be taken for gone
  }
  // The second field is the name in brackets and may itself hold blanks and brackets: count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: Number(fields[19]) };
}
