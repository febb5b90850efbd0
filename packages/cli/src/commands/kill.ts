// `ignite kill` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { SIGNALS } from './shared/common-flags.ts';

/** End running VMs at once. */
export const kill: CommandSpec = {
  path: ['kill'],
  also: [['vm', 'kill']],
  summary: 'End running VMs at once',
  description: `Ends VMs without asking the guest, or sends a signal to the command of a VM in app mode. Prints the UID of each.
A VM is named by its UID, a unique beginning of it, or its whole name. A VM that is stopped already is no error.`,
  operands: 'VM...',
  fewest: 1,
  completes: ['vm'],
  flags: [
    {
      long: 'signal',
      short: 's',
      kind: 'string',
      value: 'SIGNAL',
      offers: SIGNALS,
      help: 'Signal for the command in app mode',
      fallback: 'KILL: end the VM',
    },
  ],
  examples: [
    { text: 'End a VM that does not react', command: 'ignite kill my-vm' },
    { text: 'Tell a server to reload', command: 'ignite kill -s HUP web' },
  ],
  load: () => import('../run/kill.ts'),
};
