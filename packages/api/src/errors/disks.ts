import type { ErrorTable } from './entry.ts';

/** Errors of the room `disks`. */
export const disksErrors = {
  'disks/failed': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Look at the cause above and at the file system that holds the state directory.',
  },
  'disks/base-missing': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Remove and import the image again: `ignite rmi IMAGE` then `ignite pull IMAGE`.',
  },
  'disks/no-device-mapper': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Type: modprobe dm_snapshot; apt-get install dmsetup util-linux. Or take `deviceMapper` out of /etc/ignite/config.yaml.',
  },
  'disks/snapshot-failed': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Look at the cause above, at `dmesg`, and at `dmsetup ls`.',
  },
  'disks/shrink': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'A disk only grows; to get a smaller one, make a new VM.',
  },
} as const satisfies ErrorTable;
