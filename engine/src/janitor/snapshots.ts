// Disks by device-mapper of VMs that are not there any more.
import type { Snapshots } from '../disks/index.ts';
import type { Finder } from './broom.ts';

/**
 * @param prefix how the names of this engine's devices begin; behind it stands a VM's UID
 * @param isUsed whether a UID belongs to a VM, or to one that is being made
 */
export function straySnapshots(
  snapshots: Pick<Snapshots, 'fills' | 'remove'>,
  prefix: string,
  isUsed: (uid: string) => boolean,
): Finder {
  return async (signal) => {
    const names = [...(await snapshots.fills(prefix, signal)).keys()];
    return names
      .filter((name) => !isUsed(name.slice(prefix.length)))
      .map((name) => ({
        kind: 'device',
        name,
        why: 'disk by device-mapper of a VM that is not there',
        remove: async (signal) => {
          if (!isUsed(name.slice(prefix.length))) await snapshots.remove(name, signal);
        },
      }));
  };
}
