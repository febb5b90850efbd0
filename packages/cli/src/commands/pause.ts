// `ignite pause` and `ignite unpause` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Halt the processors of VMs. */
export const pause: CommandSpec = {
  path: ['pause'],
  also: [['vm', 'pause']],
  summary: 'Halt the processors of VMs',
  description: `Halts VMs where they stand: they keep memory, disk and address, and use no processor. Connections stay open as
far as the other end has patience. Prints the UID of each. A VM that is paused already is no error.`,
  operands: 'VM...',
  fewest: 1,
  completes: ['vm'],
  flags: [],
  examples: [{ text: 'Free the processors for a while', command: 'ignite pause web db' }],
  load: () => import('../run/pause.ts'),
};

/** Let them run again. */
export const unpause: CommandSpec = {
  ...pause,
  path: ['unpause'],
  also: [['vm', 'unpause']],
  summary: 'Let paused VMs run again',
  description:
    'Lets VMs go on where they were paused. Prints the UID of each. A VM that is not paused is no error.',
  examples: [{ text: 'Go on', command: 'ignite unpause web' }],
  load: () => import('../run/unpause.ts'),
};
