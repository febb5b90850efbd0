// `ignite rm` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Remove VMs. */
export const rm: CommandSpec = {
  path: ['rm'],
  also: [['vm', 'rm']],
  summary: 'Remove VMs and their disks',
  description: `Removes VMs with their disks, addresses and logs, and prints the UID of each. A running VM needs -f. A VM is
named by its UID, a unique beginning of it, or its whole name.`,
  operands: 'VM...',
  fewest: 0,
  completes: ['vm'],
  flags: [
    {
      long: 'force',
      short: 'f',
      kind: 'bool',
      help: 'End running VMs first; a VM that is not there is no error',
    },
    { long: 'config', kind: 'string', value: 'FILE', completes: 'file', help: 'Take the VM from a manifest' },
    { long: 'volumes', short: 'v', kind: 'bool', hidden: true, help: 'No effect: named volumes are kept' },
  ],
  examples: [
    { text: 'Remove a stopped VM', command: 'ignite rm my-vm' },
    { text: 'Remove all VMs', command: 'ignite rm -f $(ignite ps -aq)' },
  ],
  load: () => import('../run/rm.ts'),
};
