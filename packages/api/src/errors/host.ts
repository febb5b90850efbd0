import type { ErrorTable } from './entry.ts';

/** Errors of the room `host`: programs, files and rights of the machine we run on. */
export const hostErrors = {
  'host/program-missing': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Install the program named above; `ignite doctor` prints the package.',
  },
  'host/command-failed': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Read what the program printed; `ignite doctor` checks the host.',
  },
  'host/deadline': {
    status: 504,
    exit: 1,
    blame: 'host',
    hint: 'The host did not answer in time; look at its load with `uptime` and at `dmesg`, and try again.',
  },
  'host/cancelled': { status: 499, exit: 1, blame: 'user', hint: 'Nothing was left behind; run it again.' },
  'host/disk-full': {
    status: 507,
    exit: 1,
    blame: 'host',
    hint: 'Free space on the file system named above: `ignite system df` shows what takes it, `ignite system prune` removes what nothing uses.',
  },
  'host/uid-range-taken': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Choose another range with `uidBase` in /etc/ignite/config.yaml.',
  },
  'host/uid-range-unmapped': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'This container maps too few user ids; choose a range inside its map with `uidBase` in /etc/ignite/config.yaml.',
  },
  'host/not-permitted': {
    status: 403,
    exit: 1,
    blame: 'user',
    hint: 'Run it as root, or with a daemon of your own that needs no root (`ignite doctor` tells which parts do).',
  },
  'host/cannot-limit': {
    status: 501,
    exit: 1,
    blame: 'host',
    hint: 'Run the daemon as root on a host with the control groups cpu, memory and pids, or leave that cap out.',
  },
} as const satisfies ErrorTable;
