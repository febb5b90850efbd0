// `ignite restart` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { SIGNALS } from './shared/common-flags.ts';

/** Stop and start VMs. */
export const restart: CommandSpec = {
  path: ['restart'],
  also: [['vm', 'restart']],
  summary: 'Stop VMs and start them again',
  description: 'Stops each VM as `ignite stop` does, starts it, and prints its UID.',
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
      help: 'Signal sent to the command in app mode',
    },
    {
      long: 'time',
      also: ['timeout'],
      short: 't',
      kind: 'int',
      value: 'SECONDS',
      help: 'How long the guest has to shut down',
      fallback: '20; 60 for a machine',
    },
  ],
  examples: [{ text: 'Restart a VM', command: 'ignite restart web' }],
  load: () => import('../run/restart.ts'),
};
