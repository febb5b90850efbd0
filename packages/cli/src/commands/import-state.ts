// `ignite import-state` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { pullFlags } from './shared/create-flags.ts';

/** Take over VMs of Weave Ignite. */
export const importState: CommandSpec = {
  path: ['import-state'],
  summary: 'Take over the VMs of Weave Ignite',
  description: `Reads the original's state directory (default /var/lib/firecracker) and makes its VMs here: the same names, UIDs, labels, images,
kernels, ports and SSH keys, stopped. Nothing in the directory is changed. What cannot be taken over is reported on stderr: the content of disks, which only the
original's device-mapper can put together, addresses, and whether a VM ran.`,
  operands: '[DIR]',
  fewest: 0,
  most: 1,
  flags: [{ long: 'dry-run', kind: 'bool', help: 'Say what would be made, and make nothing' }, ...pullFlags],
  examples: [
    { text: 'Look first', command: 'ignite import-state --dry-run' },
    { text: 'A copy of it from another host', command: 'ignite import-state /srv/old/firecracker' },
  ],
  load: () => import('../run/import-state.ts'),
};
