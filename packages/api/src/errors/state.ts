import type { ErrorTable } from './entry.ts';

/** Errors of the room `state`: the state directory, its records, journals and events. */
export const stateErrors = {
  'state/locked': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'One daemon owns a state directory; use that one, or give this one a directory of its own.',
  },
  'state/newer-format': {
    status: 500,
    exit: 1,
    blame: 'user',
    hint: 'Install the newer Ignite again; nothing in the state directory was touched.',
  },
  'state/not-a-state-directory': {
    status: 500,
    exit: 1,
    blame: 'user',
    hint: 'The directory holds files that are not ours; name an empty one.',
  },
  'state/record-broken': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Try `ignite repair`; else fix the file named above. Nothing of the object is deleted until then.',
  },
  'state/journal-broken': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Make it whole with `ignite repair`; nothing of the object is deleted until then.',
  },
  'state/too-large': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'A record has at most 256 KiB and a journal line 4096 bytes; make labels, environment or lists shorter.',
  },
  'state/no-slot': {
    status: 507,
    exit: 1,
    blame: 'user',
    hint: 'Remove VMs that are not needed: a state directory has 4096 places.',
  },
  'state/claim-without-slot': {
    status: 500,
    exit: 1,
    blame: 'bug',
    hint: 'This is a defect of Ignite; please report it with the log of the daemon.',
  },
  'state/disk-full': {
    status: 507,
    exit: 1,
    blame: 'host',
    hint: 'Free space on the file system of the state directory: `ignite system df` shows what takes it, `ignite system prune` removes what nothing uses.',
  },
  'state/read-only': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The file system of the state directory is read-only; `dmesg` tells if the kernel made it so after an error.',
  },
  'state/not-permitted': {
    status: 403,
    exit: 1,
    blame: 'host',
    hint: 'The daemon must own its state directory; look at the owner and mode of the path named above.',
  },
  'state/io': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The host refused the file operation named above; look at its disks and at `dmesg`.',
  },
  'state/no-ordinal': {
    status: 507,
    exit: 1,
    blame: 'host',
    hint: 'Remove state directories that are not used any more.',
  },
  'state/ordinal-taken': {
    status: 409,
    exit: 1,
    blame: 'host',
    hint: 'Two engines have the same number; stop the other, or move its VMs to one of the two.',
  },
} as const satisfies ErrorTable;
