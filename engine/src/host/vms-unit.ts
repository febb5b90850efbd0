// Where systemd wants the control groups of VMs: below a unit that exists for nothing else and hands its part of the
// tree to us (packaging/systemd/ignite-vms.service, Delegate=yes). Restarting ignited.service never touches it.
import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const DAEMON_UNIT = '/ignited.service';
const VMS_UNIT = 'ignite-vms.service';

/**
 * The folder of the unit for VMs in the unified hierarchy; undefined where the daemon is not run by systemd, or the
 * unit is not there.
 * @param ownGroups content of /proc/self/cgroup: `0::/system.slice/ignited.service` (cgroups(7))
 * @param point mount point of the unified hierarchy
 */
export async function vmsUnitFolder(
  ownGroups: string,
  point: string | undefined,
): Promise<string | undefined> {
  const own = /^0::(.*)$/m.exec(ownGroups)?.[1];
  if (point === undefined || own === undefined || !own.endsWith(DAEMON_UNIT)) return undefined;
  const folder = join(point, dirname(own), VMS_UNIT);
  return access(join(folder, 'cgroup.procs')).then(
    () => folder,
    () => undefined,
  );
}

/** The content of /proc/self/cgroup, for vmsUnitFolder. */
export async function readOwnGroups(): Promise<string> {
  return readFile('/proc/self/cgroup', 'utf8');
}
