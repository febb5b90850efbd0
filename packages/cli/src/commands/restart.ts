// `ignite restart` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { graceFlag, signalFlag } from './shared/common-flags.ts';

/** Stop and start VMs. */
export const restart: CommandSpec = {
  path: ['restart'],
  also: [['vm', 'restart']],
  summary: 'Stop VMs and start them again',
  description: 'Stops each VM as `ignite stop` does, starts it, and prints its UID.',
  operands: 'VM...',
  fewest: 1,
  completes: ['vm'],
  flags: [signalFlag, graceFlag],
  examples: [{ text: 'Restart a VM', command: 'ignite restart web' }],
  load: () => import('../run/restart.ts'),
};
