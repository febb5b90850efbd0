// `ignite kernel import` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { runtimeFlags, pullFlags } from './shared/create-flags.ts';

/** Import a kernel. */
export const kernelImport: CommandSpec = {
  path: ['kernel', 'import'],
  summary: 'Import a kernel from an image, a package or a file',
  description: `Imports a kernel and prints its UID. SOURCE is an OCI image with /boot/vmlinux, apt:PACKAGE for a package of the
host's distribution, or a file: a .deb, an ELF vmlinux or a bzImage. A file is one that exists here and whose name has a
/ or ends in .deb.`,
  operands: 'SOURCE',
  fewest: 1,
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
    ...pullFlags,
    ...runtimeFlags.slice(0, 1),
  ],
  examples: [
    { text: "The distribution's kernel", command: 'ignite kernel import apt:linux-image-cloud-amd64' },
    { text: 'A package file', command: 'ignite kernel import ./linux-image-6.1.0-56-cloud-amd64.deb' },
  ],
  load: () => import('../run/kernel-import.ts'),
};
