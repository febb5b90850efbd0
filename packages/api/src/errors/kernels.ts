import type { ErrorTable } from './entry.ts';

/** Errors of the room `kernels`. */
export const kernelsErrors = {
  'kernels/corrupt': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'Get the file again; if it is whole, it uses a form that Ignite does not read.',
  },
  'kernels/not-a-kernel': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'Give an uncompressed vmlinux, a bzImage (vmlinuz) or a Debian kernel package.',
  },
  'kernels/unsupported-compression': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'Give the uncompressed vmlinux, or a bzImage packed with gzip, xz, zstd or lz4.',
  },
  'kernels/wrong-architecture': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'Give a kernel built for this host, `uname -m`.',
  },
  'kernels/no-vmlinux': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'A kernel image holds /boot/vmlinux or /boot/vmlinuz-VERSION, and optionally /lib/modules. An archive of one is loaded first: `ignite image load FILE`, then `ignite kernel import NAME`.',
  },
  'kernels/not-found': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: '`ignite kernels` lists what is there; `ignite kernel import IMAGE`, `apt:PACKAGE` or `FILE` brings another.',
  },
  'kernels/none': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: 'Bring one with `ignite kernel import IMAGE`, `apt:PACKAGE` or `FILE.deb`, or set kernel.autoDownload to true.',
  },
  'kernels/apt-failed': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'See what apt-get printed; `sudo apt-get update` must work, or bring a kernel with `ignite kernel import FILE`.',
  },
  'kernels/no-apt': {
    status: 501,
    exit: 1,
    blame: 'host',
    hint: 'This host is no Debian or Ubuntu: bring a kernel with `ignite kernel import IMAGE` or a file.',
  },
  'kernels/module': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The module files do not fit together; get the kernel package again.',
  },
  'kernels/held': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Try again when that VM is made: then `ignite rmk` names it, and `ignite rmk -f` removes it, too.',
  },
  'kernels/store': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Look at the cause above and at the file system that holds the state directory.',
  },
} as const satisfies ErrorTable;
