// `ignite system install-vmm` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Put a VMM on the host. */
export const systemInstallVmm: CommandSpec = {
  path: ['system', 'install-vmm'],
  summary: 'Put Firecracker on this host',
  description: `Installs \`firecracker\` and \`jailer\` of a release, which must match each other: from the Internet, where the archive must have
the checksum that Ignite knows for that version, or from a file that you bring. Its digest is shown, and whether it is the
release's. What is installed is run once for its version; only then does it take the place of what was there.`,
  operands: 'firecracker',
  fewest: 1,
  most: 1,
  flags: [
    {
      long: 'version',
      kind: 'string',
      value: 'VERSION',
      help: 'Which release',
      fallback: '1.15.1; with --from what the file holds',
    },
    {
      long: 'from',
      kind: 'string',
      value: 'FILE',
      completes: 'file',
      help: 'An archive firecracker-vVERSION-ARCH.tgz that lies here already',
    },
    { long: 'sha256', kind: 'string', value: 'HEX', help: 'The checksum that the archive must have' },
    {
      long: 'to',
      kind: 'string',
      value: 'DIR',
      completes: 'file',
      help: 'Folder for the programs',
      fallback: '/usr/local/bin',
    },
  ],
  examples: [
    { text: 'From the Internet', command: 'sudo ignite system install-vmm firecracker' },
    {
      text: 'On a host without one',
      command: 'sudo ignite system install-vmm firecracker --from firecracker-v1.15.1-x86_64.tgz',
    },
  ],
  load: () => import('../run/system-install-vmm.ts'),
};
