import type { ErrorTable } from './entry.ts';

/** Errors of volumes, and of what else of the host is mounted in a VM. */
export const volumesErrors = {
  'volumes/not-found': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: 'List the volumes there are with `ignite volume ls`; make one with `ignite volume create`.',
  },
  'volumes/invalid-name': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'A name has letters, digits, "_", "." and "-", begins with a letter or digit, and has at most 128 characters.',
  },
  'volumes/invalid-size': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write digits and a unit, such as 512MB or 10GB.',
  },
  'volumes/name-taken': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Use the volume that is there, enlarge it with `ignite volume resize`, or choose another name.',
  },
  'volumes/shrink': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'A volume only grows; to get a smaller one, make a new volume and copy.',
  },
  'volumes/in-use': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Remove those VMs first with `ignite rm VM`; `ignite volume inspect VOLUME` lists them.',
  },
  'volumes/attached': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Stop that VM first with `ignite stop VM`. Several running VMs may share it if all of them mount it read-only (:ro).',
  },
  'volumes/device-missing': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Name a block device that is there, such as /dev/sdb1; `lsblk` lists them.',
  },
  'volumes/device-mounted': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Unmount it on the host first: two systems that write one file system destroy it.',
  },
  'volumes/device-empty': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Make a file system on it first, such as `mkfs.ext4 DEVICE`; or use a named volume, which comes with one.',
  },
  'volumes/path-not-allowed': {
    status: 403,
    exit: 1,
    blame: 'user',
    hint: 'Name it on the command line with -v or --copy-files, or list its folder in spec.hostPaths of the Configuration.',
  },
  'volumes/upload-gone': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: 'Send the files again: they are kept for an hour, for one VM, and not over a restart of the daemon.',
  },
  'volumes/files-too-large': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Give the VM a larger disk with --size, or copy less.',
  },
  'volumes/folder-not-shared': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Copy the folder with `ignite cp` or --copy-files, or keep the data in a volume: -v NAME:/path.',
  },
} as const satisfies ErrorTable;
