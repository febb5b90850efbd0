// What is mounted in the guest below its root, outer folders before those inside them. Pure.
import type { Tmpfs, VmRecord } from '@ignite/api';
import type { GuestMount } from '../../guest/port.ts';
import { vmDrives } from '../drives.ts';
import { vmFolders } from '../folders.ts';

/** Mode of a tmpfs as Docker makes it: everybody's, as /tmp. */
const TMPFS_MODE = '1777';

/** In the order in which they are made: a mount made later would hide one inside it. */
export function guestMounts(record: VmRecord): readonly GuestMount[] {
  const drives = vmDrives(record).flatMap(({ index, mountPath, readOnly }): GuestMount[] =>
    mountPath === undefined ? [] : [{ drive: index, path: mountPath, readOnly }],
  );
  const folders = vmFolders(record).map(
    ({ tag, mountPath, readOnly }): GuestMount => ({
      type: 'virtiofs',
      source: tag,
      path: mountPath,
      readOnly,
    }),
  );
  const memory = (record.spec.tmpfs ?? []).map(tmpfsMount);
  return [...drives, ...folders, ...memory].toSorted((a, b) => depth(a.path) - depth(b.path));
}

function tmpfsMount({ path, size, mode = TMPFS_MODE, exec = false }: Tmpfs): GuestMount {
  const words = [`mode=${mode}`, ...(size === undefined ? [] : [`size=${size}`])];
  return { type: 'tmpfs', path, readOnly: false, options: words.join(','), exec };
}

function depth(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}
