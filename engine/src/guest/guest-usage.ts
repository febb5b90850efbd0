// From REPLY records to what the guest uses and to its processes. The guest is not trusted: what is no number is none.
import { type GuestProcess, type GuestProcesses, type TlvFields, violation } from '@ignite/api';
import { TAG } from '@ignite/protocol';
import type { GuestStats } from './port.ts';

/** More answers, or processes, than these are more than anybody reads: a guest may make them up without end. */
const MOST_ANSWERS = 256;
const MOST_PROCESSES = 32_768;

/** The fields of a REPLY to CALL stats. */
export function guestStatsOf(fields: TlvFields): GuestStats {
  const big = (tag: number) => Number(fields.big(tag) ?? 0n);
  const received = fields.big(TAG.NET_RECEIVED);
  return {
    cpu: big(TAG.CPU_USED),
    memoryTotal: big(TAG.MEMORY_TOTAL),
    memoryAvailable: big(TAG.MEMORY_AVAILABLE),
    diskTotal: big(TAG.DISK_TOTAL),
    diskFree: big(TAG.DISK_FREE),
    processes: fields.number(TAG.PROCESSES) ?? 0,
    ...(received === undefined ? {} : { network: { received: Number(received), sent: big(TAG.NET_SENT) } }),
  };
}

/** Asks again from the last pid on, until the guest has no more. @param ask one CALL processes */
export async function collectProcesses(ask: (after: number) => Promise<TlvFields>): Promise<GuestProcesses> {
  const items: GuestProcess[] = [];
  let after = 0;
  for (let answers = 0; answers < MOST_ANSWERS; answers += 1) {
    const fields = await ask(after);
    const lines = fields.texts(TAG.PROCESS);
    items.push(...lines.slice(0, MOST_PROCESSES - items.length).map(processOf));
    if (items.length === MOST_PROCESSES) break;
    const next = fields.number(TAG.AFTER);
    if (next === undefined) return { items, complete: true };
    if (next <= after) throw violation('The agent lists its processes in a circle');
    after = next;
  }
  return { items, complete: false };
}

const LINE = /^(\d{1,10}) (\d{1,10}) (\d{1,10}) (\S) (\d{1,18}) (\d{1,18}) (\d{1,18}) (.*)$/s;

function processOf(line: string): GuestProcess {
  const [, pid, parent, user, state = '', cpu, memory, started, command = ''] = LINE.exec(line) ?? [];
  if (pid === undefined) throw violation('The agent tells of a process that is none');
  return {
    pid: Number(pid),
    parent: Number(parent),
    user: Number(user),
    state,
    cpu: Number(cpu),
    memory: Number(memory),
    started: Number(started),
    command,
  };
}
