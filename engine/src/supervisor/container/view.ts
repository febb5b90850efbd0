// What of the host a container must see so that the same launch file holds in it: every path keeps its name, except
// control groups, which a container's own /sys/fs/cgroup hides. The VMM itself sees only its jail (DESIGN D9).
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrno } from '../../host/index.ts';
import type { Launch } from '../port.ts';

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
}

export interface HostView {
  readonly mounts: readonly Mount[];
  /** Device files, under the same names. */
  readonly devices: readonly string[];
  /** The launch's `cgroups` as the container has them. */
  readonly cgroups: readonly string[];
}

/** native/spawn/identity.h */
const HOST_PROC: Mount = { source: '/proc', target: '/host-proc', writable: false };

/**
 * Programs of the host and what they load: the VMM is the host's, which was probed and chosen, not one that an image
 * brings. What is missing is passed over.
 */
const PROGRAMS: readonly string[] = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib64',
  '/etc/ld.so.cache',
  '/etc/passwd',
  '/etc/group',
  '/etc/nsswitch.conf',
];
const TUN = '/dev/net/tun';
/** Every container has them. */
const USUAL_DEVICES: ReadonlySet<string> = new Set([
  '/dev/null',
  '/dev/zero',
  '/dev/full',
  '/dev/random',
  '/dev/urandom',
  '/dev/tty',
]);

/** Looks at the files that a launch names. */
export async function viewOf(launch: Launch): Promise<HostView> {
  const found = await Promise.all(pathsOf(launch).map(lookAt));
  const there = found.filter((one) => one !== undefined);
  const cgroups = launch.cgroups.map((file, index) => ({
    mount: { source: dirname(file), target: `/cgroup/${index}`, writable: true },
    file: `/cgroup/${index}/cgroup.procs`,
  }));
  return {
    mounts: [
      HOST_PROC,
      ...fewest(there.filter(({ device }) => !device)).map(({ path, writable }) => ({
        source: path,
        target: path,
        writable,
      })),
      ...cgroups.map(({ mount }) => mount),
    ],
    devices: [...new Set(there.filter(({ device }) => device).map(({ path }) => path))],
    cgroups: cgroups.map(({ file }) => file),
  };
}

interface Wanted {
  readonly path: string;
  readonly writable: boolean;
}

function pathsOf(launch: Launch): readonly Wanted[] {
  const { jail, descriptors, userNetwork, folderProgram } = launch;
  const read = [
    ...PROGRAMS,
    TUN,
    ...(jail?.devices ?? []),
    ...(jail?.uses ?? []),
    ...(jail === undefined ? [launch.argv[0]] : []),
    ...(launch.netns === undefined ? [] : [launch.netns]),
    ...descriptors.flatMap((one) => (one.kind === 'tap' && one.netns !== undefined ? [one.netns] : [])),
    ...[userNetwork?.argv[0], folderProgram?.[0]].filter((path) => path !== undefined),
  ];
  return [
    ...read.map((path) => ({ path, writable: false })),
    ...[launch.runDirectory, launch.vmDirectory, launch.logDirectory].map((path) => ({
      path,
      writable: true,
    })),
    ...(jail?.binds ?? []).map(({ source, writable }) => ({ path: source, writable })),
    ...descriptors.flatMap((one) =>
      one.kind === 'share' ? [{ path: one.source, writable: !one.readOnly }] : [],
    ),
  ];
}

async function lookAt({ path, writable }: Wanted) {
  if (USUAL_DEVICES.has(path)) return undefined;
  try {
    const facts = await lstat(path);
    return { path, writable, device: facts.isCharacterDevice() || facts.isBlockDevice() };
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined; // the supervisor says what it misses
    throw error;
  }
}

/** Without what lies in a folder that is there already with the same rights; outer folders first. Pure. */
export function fewest<T extends Wanted>(wanted: readonly T[]): readonly T[] {
  const kept: T[] = [];
  const rank = ({ path, writable }: T) => path.length * 2 - (writable ? 1 : 0);
  for (const one of wanted.toSorted((a, b) => rank(a) - rank(b))) {
    const covered = kept.some(
      ({ path, writable }) =>
        (one.path === path || one.path.startsWith(`${path}/`)) && (writable || !one.writable),
    );
    if (!covered) kept.push(one);
  }
  return kept;
}
