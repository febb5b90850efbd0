// Limits of a control group, in the files of version 1 and of version 2 (kernel documentation: cgroup-v2, cgroup-v1/memory,
// scheduler/sched-bwc). Whichever of the files is there is written; a hierarchy without the controller has none.
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrno } from './files.ts';

export interface GroupLimits {
  readonly memoryBytes?: number | undefined;
  /** Cores; absent: no quota. */
  readonly cpus?: number | undefined;
  readonly pids?: number | undefined;
}

/** What limits a group can have; in the order in which a message names them. */
export type LimitName = 'memory' | 'cpu' | 'pids';

/** Microseconds in which a quota is spent: the kernel's own default. */
const CPU_PERIOD = 100_000;
const MAX = 'max';

interface Setting {
  readonly name: LimitName;
  /** Files of one version, each with what is written into it, in this order. */
  readonly files: readonly (readonly [file: string, value: string])[];
}

/**
 * Sets the limits of one group in all its hierarchies; what is absent becomes unlimited.
 * @param groups folders of the group, one in each hierarchy
 * @param only which limits are set; others stay
 * @returns what could be set
 */
export async function limitGroup(
  groups: readonly string[],
  limits: GroupLimits,
  only: readonly LimitName[] = ['memory', 'cpu', 'pids'],
): Promise<ReadonlySet<LimitName>> {
  const done = new Set<LimitName>();
  for (const group of groups) {
    await delegate(group);
    for (const { name, files } of settings(limits))
      if (only.includes(name) && (await writeAll(group, files))) done.add(name);
  }
  return done;
}

function settings({ memoryBytes, cpus, pids }: GroupLimits): readonly Setting[] {
  const memory = memoryBytes === undefined ? undefined : String(memoryBytes);
  const quota = cpus === undefined ? undefined : String(Math.max(1_000, Math.round(cpus * CPU_PERIOD)));
  return [
    { name: 'memory', files: [['memory.max', memory ?? MAX]] },
    { name: 'memory', files: [['memory.limit_in_bytes', memory ?? '-1']] },
    { name: 'cpu', files: [['cpu.max', `${quota ?? MAX} ${CPU_PERIOD}`]] },
    {
      name: 'cpu',
      files: [
        ['cpu.cfs_period_us', String(CPU_PERIOD)],
        ['cpu.cfs_quota_us', quota ?? '-1'],
      ],
    },
    { name: 'pids', files: [['pids.max', pids === undefined ? MAX : String(pids)]] },
  ];
}

async function writeAll(group: string, files: Setting['files']): Promise<boolean> {
  for (const [file, value] of files) if (!(await write(join(group, file), value))) return false;
  return true;
}

/**
 * Version 2 gives a group the controllers that all groups above it pass on. Those that somebody else holds back, or
 * that live in version 1, stay away.
 */
async function delegate(group: string): Promise<void> {
  const parent = dirname(group);
  for (const above of [dirname(parent), parent]) {
    const offered = await readFile(join(above, 'cgroup.controllers'), 'utf8').catch(() => '');
    const passed = await readFile(join(above, 'cgroup.subtree_control'), 'utf8').catch(() => '');
    for (const name of ['memory', 'cpu', 'pids'])
      if (offered.split(/\s+/).includes(name) && !passed.split(/\s+/).includes(name))
        await write(join(above, 'cgroup.subtree_control'), `+${name}`);
  }
}

/** False where there is no such file, or none that we may write. */
async function write(path: string, value: string): Promise<boolean> {
  try {
    await using file = await open(path, constants.O_WRONLY);
    await file.write(value);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EINVAL', 'EOPNOTSUPP')) return false;
    throw error;
  }
}
