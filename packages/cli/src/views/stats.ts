// What `stats` shows: two measurements of a VM as a row, and under Docker's names.
import { displaySize } from '@ignite/api/sizes';
import type { Client } from '@ignite/client';
import type { GoValue } from '../template/index.ts';

type Stats = Awaited<ReturnType<Client['statsVm']>>;

/** A measurement, and the one a second before it; absent for a VM that was not there then. */
export interface Sample {
  readonly now: Stats;
  readonly before: Stats | undefined;
}

export const STATS_COLUMNS = [
  'VM ID',
  'NAME',
  'CPU %',
  'MEM USAGE / LIMIT',
  'MEM %',
  'GUEST MEM',
  'NET I/O',
  'BLOCK I/O',
  'PIDS',
] as const;

/** What is not known. */
const NONE = '--';

/** One row of `stats`. */
export function statsRow(sample: Sample): readonly string[] {
  const shown = fields(sample);
  return [
    shown.ID,
    shown.Name,
    shown.CPUPerc,
    shown.MemUsage,
    shown.MemPerc,
    shown.GuestMem,
    shown.NetIO,
    shown.BlockIO,
    shown.PIDs,
  ];
}

/** Fields of Docker's `stats --format`, and ours. */
export function dockerStats(sample: Sample): Readonly<Record<string, GoValue>> {
  return { ...fields(sample) };
}

function fields({ now, before }: Sample) {
  const { host, guest, disk, network } = now;
  return {
    ID: now.uid,
    Container: now.uid,
    Name: now.name,
    CPUPerc: percent(rate(now, before, (one) => one.host.cpu)),
    GuestCPUPerc: percent(rate(now, before, (one) => one.guest?.cpu)),
    MemUsage: `${displaySize(host.memory)} / ${displaySize(host.memoryLimit)}`,
    MemPerc: percent(host.memory / host.memoryLimit),
    GuestMem:
      guest === undefined
        ? NONE
        : `${displaySize(guest.memoryTotal - guest.memoryAvailable)} / ${displaySize(guest.memoryTotal)}`,
    NetIO: network === undefined ? NONE : `${displaySize(network.received)} / ${displaySize(network.sent)}`,
    BlockIO: disk === undefined ? NONE : `${displaySize(disk.read)} / ${displaySize(disk.written)}`,
    PIDs: String(guest?.processes ?? host.processes),
  };
}

/** Processors in use between two measurements; undefined where there is only one, or the VM was started anew. */
function rate(
  now: Stats,
  before: Stats | undefined,
  read: (stats: Stats) => number | undefined,
): number | undefined {
  const [to, from] = [read(now), before && read(before)];
  const microseconds = before === undefined ? 0 : (Date.parse(now.time) - Date.parse(before.time)) * 1000;
  if (to === undefined || from === undefined || microseconds <= 0 || to < from) return undefined;
  return (to - from) / microseconds;
}

function percent(part: number | undefined): string {
  return part === undefined ? NONE : `${(part * 100).toFixed(2)}%`;
}
