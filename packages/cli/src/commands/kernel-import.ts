// `ignite kernel import` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { importRuntimeFlag, pullFlags } from './shared/create-flags.ts';

/** Import a kernel. */
export const kernelImport: CommandSpec = {
  path: ['kernel', 'import'],
  summary: 'Import a kernel from an image, a package, a file, a folder or the host',
  description: `Imports a kernel and prints its UID. SOURCE is an OCI image with /boot/vmlinux, apt:PACKAGE for a package of the
host's distribution, a file (a .deb, an ELF vmlinux or a bzImage), or a folder with boot/ and, if it has modules,
lib/modules/. A file or folder is one that exists here and whose name has a / or ends in .deb. --host takes the kernel that
the daemon's host runs, with its modules. VMs that name no kernel boot the distribution's if it is here, else the newest
that was imported.`,
  operands: '[SOURCE]',
  fewest: 0,
  most: 1,
  completes: ['file'],
  flags: [
    {
      long: 'name',
      kind: 'string',
      value: 'NAME',
      help: 'Name of a kernel from a file',
      fallback: "the file's name",
    },
    {
      long: 'running',
      also: ['host'],
      kind: 'bool',
      yields: /^(unix:|\/)/,
      help: "The kernel that the daemon's host runs",
    },
    ...pullFlags,
    importRuntimeFlag,
  ],
  examples: [
    { text: "The distribution's kernel", command: 'ignite kernel import apt:linux-image-cloud-amd64' },
    { text: 'The kernel of this host', command: 'ignite kernel import --host' },
    { text: 'A package file', command: 'ignite kernel import ./linux-image-6.1.0-56-cloud-amd64.deb' },
  ],
  load: () => import('../run/kernel-import.ts'),
};
