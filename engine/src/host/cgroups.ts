// A control group for each VM, so that a restart of the daemon's own group never touches it, and limits have a place
// (DESIGN D4; cgroups(7)). Works with version 2, with version 1, and with both mounted together.
import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type GroupLimits, type LimitName, limitGroup } from './cgroup-limits.ts';
import { hasErrno, makeFolder } from './files.ts';
import { groupUse, type Use } from './usage.ts';

export interface Cgroups {
  /** Makes the group in every hierarchy; returns the files into which a process writes itself to join. */
  make(name: string): Promise<readonly string[]>;
  /**
   * Sets the limits of a group that was made, all or only those named; what is absent becomes unlimited. Returns what
   * could be set.
   */
  limit(name: string, limits: GroupLimits, only?: readonly LimitName[]): Promise<ReadonlySet<LimitName>>;
  /** Removes the group; one that is not there is no error. Waits a moment for its last process to go. */
  remove(name: string): Promise<void>;
  /** Names of all groups there are. */
  names(): Promise<readonly string[]>;
  /** What the processes of the group use together; undefined where no hierarchy says. */
  use(name: string): Promise<Use | undefined>;
}

interface CgroupsInput {
  /** Folder of all groups of one engine inside each hierarchy: `ignite-01a8d0`. */
  readonly parent: string;
  /** Content of /proc/self/mountinfo. */
  readonly mountInfo: string;
  /** Where groups of the unified hierarchy are made, see vms-unit.ts; absent: at its top. */
  readonly unit?: string | undefined;
}

/** Version 1 hierarchies that limit or count what we do; others would only be more folders. */
const CONTROLLERS: readonly string[] = ['memory', 'cpu', 'cpuacct', 'pids'];
const REMOVE_ATTEMPTS = 50;
const BETWEEN_MS = 20;

/** The groups of one engine. Where no hierarchy may be written (an ordinary user) there are none, silently. */
export function createCgroups({ parent, mountInfo, unit }: CgroupsInput): Cgroups {
  const tops = hierarchies(mountInfo);
  const unified = unit === undefined ? undefined : unifiedPoint(mountInfo);
  // A VM that was started by a daemon without the unit has its group at the top: it is looked after there, too.
  const roots = unit === undefined ? tops : [...tops, unit];
  return {
    make: async (name) => {
      const made: string[] = [];
      for (const root of roots) {
        if (root === unified) continue; // in the unit instead
        try {
          await makeFolder(join(root, parent, name), 0o755);
          made.push(join(root, parent, name, 'cgroup.procs'));
        } catch (error) {
          if (!hasErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT')) throw error;
        }
      }
      return made;
    },
    limit: (name, limits, only) =>
      limitGroup(
        roots.map((root) => join(root, parent, name)),
        limits,
        only,
      ),
    names: async () => {
      const all = await Promise.all(roots.map((root) => foldersIn(join(root, parent))));
      return [...new Set(all.flat())];
    },
    use: (name) => groupUse(roots.map((root) => join(root, parent, name))),
    remove: async (name) => {
      for (const root of roots) {
        await removeGroup(join(root, parent, name));
        await rmdir(join(root, parent)).catch(() => {}); // still in use by another VM, or gone
      }
    },
  };
}

/**
 * Removes a group that another program has made and lost, from every hierarchy in which it is, also of those that limit
 * nothing of ours. One in which processes stay is left.
 * @param path below the top of each hierarchy
 */
export async function removeLostGroup(path: string, mountInfo: string): Promise<void> {
  for (const { point, type } of mountPoints(mountInfo)) {
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    await removeGroup(join(point, path)).catch((error: unknown) => {
      if (!hasErrno(error, 'EBUSY', 'ENOTEMPTY')) throw error;
    });
  }
}

/** Mount point of the unified hierarchy; undefined where there is none. */
export function unifiedPoint(mountInfo: string): string | undefined {
  return mountPoints(mountInfo).find(({ type }) => type === 'cgroup2')?.point;
}

/** The content of /proc/self/mountinfo, for createCgroups. */
export async function readMountInfo(): Promise<string> {
  return readFile('/proc/self/mountinfo', 'utf8');
}

/** Mount points of the unified hierarchy and of those version 1 hierarchies that count. proc_pid_mountinfo(5). */
export function hierarchies(mountInfo: string): readonly string[] {
  return mountPoints(mountInfo).flatMap(({ point, type, options }) => {
    if (type === 'cgroup2') return [point];
    if (type !== 'cgroup') return [];
    return options.split(',').some((option) => CONTROLLERS.includes(option)) ? [point] : [];
  });
}

/** Each file system once, where it was mounted first: a chroot that was given `/sys` shows every hierarchy again. */
function mountPoints(mountInfo: string) {
  const seen = new Set<string>();
  return mountInfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , device = '', , point] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (point === undefined || seen.has(device)) return [];
    seen.add(device);
    return [{ point, type, options }];
  });
}

async function foldersIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return [];
    throw error;
  }
}

async function removeGroup(path: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await rmdir(path);
      return;
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS')) return;
      // A process that has ended leaves its group a moment later.
      if (!hasErrno(error, 'EBUSY') || attempt >= REMOVE_ATTEMPTS) throw error;
      await delay(BETWEEN_MS);
    }
  }
}
