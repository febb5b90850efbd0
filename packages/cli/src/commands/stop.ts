// `ignite stop` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { graceFlag, signalFlag } from './shared/common-flags.ts';

/** Stop running VMs. */
export const stop: CommandSpec = {
  path: ['stop'],
  also: [['vm', 'stop']],
  summary: 'Stop running VMs',
  description: `Asks the guest to shut down, and ends the VM if it has not after the time given. Prints the UID of each. A VM
that is stopped already is no error.`,
  operands: 'VM...',
  fewest: 1,
  completes: ['vm'],
  flags: [
    {
      long: 'force-kill',
      also: ['force'],
      short: 'f',
      kind: 'bool',
      help: 'End it at once, as `ignite kill` does',
    },
    graceFlag,
    signalFlag,
  ],
  examples: [
    { text: 'Stop two VMs', command: 'ignite stop web db' },
    { text: 'Give the guest two minutes', command: 'ignite stop -t 120 db' },
  ],
  load: () => import('../run/stop.ts'),
};
